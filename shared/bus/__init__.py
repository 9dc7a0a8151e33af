"""Redis as transport: the log to its readers, events in, and receipts back to publishers.

Redis is no source of truth: data lost from it is read from the log or sent again.
"""
