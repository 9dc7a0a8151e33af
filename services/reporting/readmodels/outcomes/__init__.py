"""The read model of outcomes: tables, fold, statements."""
