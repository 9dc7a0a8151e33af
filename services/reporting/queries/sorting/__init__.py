"""Lists in the order of any column, page by page, as known at a position."""
