"""The command `dvk`: it starts the ledger on one machine, feeds it and shows its state.

It composes the services and calls them over HTTP like any client; it holds no rules.
"""
