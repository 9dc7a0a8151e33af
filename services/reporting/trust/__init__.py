"""Who may speak for what: lists of publishers, grants and keys as known at a position."""
