"""Individuals: references for the ledger, names in the vault only."""
