"""How commands print: tables, texts, changes."""
