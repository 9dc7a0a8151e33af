"""The read model of awards: its fold and tables, and the state of one award."""
