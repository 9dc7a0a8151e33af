"""The sealer: a process that signs checkpoints of the log, and refuses a log that was rewritten."""
