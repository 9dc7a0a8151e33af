"""Deciders over streams of the log: states in memory, loaded on demand, with a quarantine."""
