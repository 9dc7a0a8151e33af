"""Subscriptions to a ledger: digests by e-mail, and webhooks; a cursor is a position."""
