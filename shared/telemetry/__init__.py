"""What the person who runs the ledger sees: metrics for Prometheus, and logs as JSON."""
