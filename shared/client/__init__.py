"""The ledger over HTTP, as publishers and commands reach it: addresses, and events in batches."""
