"""Reads by other tools: SQL views of the active read models, and the catalogue of the data."""
