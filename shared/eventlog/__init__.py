"""The log: one, append-only, decided at its head, with contiguous positions from 1."""
