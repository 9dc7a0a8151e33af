"""The command `dvk`: it starts the ledger on one machine, feeds it and shows how it is.

It composes the services and asks them over HTTP like everybody else; it decides nothing.
"""
