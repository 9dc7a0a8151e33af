"""The read model of awards: tables, fold, state."""
