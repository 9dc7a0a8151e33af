"""Replay and audit of an export: what the ledger answers is read again from the events alone."""
