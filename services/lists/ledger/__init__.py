"""Reads of the ledger over HTTP, by the interfaces that every publisher has."""
