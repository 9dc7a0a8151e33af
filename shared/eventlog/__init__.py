"""The event log: append-only, with contiguous positions from 1; events are decided at its head."""
