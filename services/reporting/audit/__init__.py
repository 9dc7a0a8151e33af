"""Replay and audit of an export: figures are computed again from the events alone."""
