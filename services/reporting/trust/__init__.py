"""Trust as readers see it: publishers, grants and keys as known at a position."""
