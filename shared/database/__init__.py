"""Database access shared by the log and the read models."""
