"""Signals: what needs to be looked at in a scope and year, as pure functions over its reads.

`reads` answers; `catalog` lists the signals; `material` gives each the rows of one position.
"""
