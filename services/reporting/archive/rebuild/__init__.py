"""The fill of a rebuild from an archive: folded by all cores, numbered, and loaded in bulk."""
