"""Building blocks shared by several read models."""
