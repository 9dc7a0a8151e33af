"""The read model of words by which things are found: its fold, tables and names."""
