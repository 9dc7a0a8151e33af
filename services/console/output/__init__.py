"""Output of the commands: tables, texts, changes."""
