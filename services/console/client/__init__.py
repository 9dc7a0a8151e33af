"""HTTP clients of a ledger, for the commands."""
