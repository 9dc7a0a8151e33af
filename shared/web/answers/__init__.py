"""How answers are written: representations, pages of lists, CSV, problems."""
