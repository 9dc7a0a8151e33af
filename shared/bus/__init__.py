"""Redis carries: the log to its readers, events from publishers in, receipts back to them.

Nothing here is the record. Whatever Redis loses is read from the log or sent again.
"""
