"""Read models: fold the log a batch at a time into tables, exactly once, despite crashes.

A read model names the events it folds (`ReadModel`); the runner passes it decoded events and one
transaction, in which rows and checkpoint are committed together.
"""
