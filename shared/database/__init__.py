"""What the log and the read models both need of their databases."""
