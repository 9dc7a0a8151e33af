"""Figures as sums of deltas up to a position: the writer, the cache and the sums.

A delta states: in this year, at this unit and day, under these dimensions, the contribution of one
entity went from `before` to `after`. The fold writes deltas (`delta_writer`), a cache follows them
(`cache`, `year_columns`), and any figure at any position is a prefix sum and a few thousand deltas
(`prefix_sums`).
"""
