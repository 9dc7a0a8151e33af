"""What reporting answers as of a position of the log: one module a question."""
