"""Forwarding of a ledger to another: `dvk forward`."""
