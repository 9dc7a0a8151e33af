"""The read model of registrations: tables, fold, state."""
