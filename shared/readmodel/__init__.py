"""Read models: fold the log a batch at a time into tables, exactly once, despite crashes.

A read model says what it folds (`ReadModel`); the runner gives it facts and one transaction, in
which its rows and its checkpoint move together.
"""
