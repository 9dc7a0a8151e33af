"""How commands speak to a ledger over HTTP."""
