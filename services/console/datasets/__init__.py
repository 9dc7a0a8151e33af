"""Data sets to try the ledger with: the map of the country, the sample, generated years."""
