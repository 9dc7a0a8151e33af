"""The four services of the ledger and the command that runs them."""
