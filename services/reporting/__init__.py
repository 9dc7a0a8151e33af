"""The reporting service: it folds the whole log into read models, serves them, writes closings.

It serves summaries of any scope and year, as known at any position, on any map; the lists behind
them; the asserted figures next to the log's. It owns the events `FigureAsserted`, `PeriodClosed`
and `PeriodReopened`, and tables named `rm_…`.
"""
