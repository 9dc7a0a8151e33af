"""Reporting: what everybody reads. It folds the whole log into read models, and writes closings.

Summaries of any scope and year, as known at any position, on any map; the lists behind them; the
asserted figures beside the log's. It owns the events `FigureAsserted`, `PeriodClosed` and
`PeriodReopened`, and tables named `rm_…`.
"""
