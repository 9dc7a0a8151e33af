"""One question over the index of words: the entries of a scope, as known at a position."""
