"""Lists as known at a position, with labels for their codes."""
