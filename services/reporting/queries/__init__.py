"""The queries of reporting as of a position of the log, one module for each."""
