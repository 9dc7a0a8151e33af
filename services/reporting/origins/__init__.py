"""The ledgers that forward to this one: how far each was received."""
