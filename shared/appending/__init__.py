"""Appending to the log: one queue, group commit, decisions at the head, parking and quarantine."""
