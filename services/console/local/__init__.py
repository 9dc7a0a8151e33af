"""A ledger on this machine: its data directory, processes and Redis."""
