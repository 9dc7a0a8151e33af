"""Which generation of the read models answers, and how a new one is built."""
