"""Figures as sums of deltas up to a position: how they are written, and how they are summed.

A delta says: in this year, at this unit and day, under these dimensions, the standing of one thing
went from `before` to `after`. The fold writes deltas (`writing`), memory hears of them or
follows the table (`memory`, `columns`), and any figure at any position is a prefix sum and a few
thousand deltas (`grouping`).
"""
