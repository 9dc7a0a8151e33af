"""The part of PromQL that our alarms use, evaluated without a Prometheus; else it refuses.

The rules are those of Prometheus 3: a range leaves out its left end, a value is looked for over the
last five minutes, `rate` and `increase` extrapolate to the ends of the range.
"""
