"""Appending to the log: one queue, group commit at the head, parked and quarantined events."""
