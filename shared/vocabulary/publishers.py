"""The publishers of this project, whose events are for trying the ledger, and marked so."""

SAMPLE = "/publishers/dvk-sample"
"""The map and the sample: registrations reconstructed from published totals."""

SYNTHETIC = "/publishers/dvk-synthetic"
"""The output of `dvk generate`: fictitious events."""
