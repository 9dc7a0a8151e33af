"""Acceptance: from bytes to a typed event by encoding, JSON, canonical form and validation."""
