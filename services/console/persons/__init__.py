"""`dvk persons`: look-ups, holds and erasures of the vault."""
