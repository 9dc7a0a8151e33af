"""The publishers of this project: what they publish is there to try the ledger, and says so."""

SAMPLE = "/publishers/dvk-sample"
"""The map, and the sample: registrations that are reconstructed from published totals."""

SYNTHETIC = "/publishers/dvk-synthetic"
"""What `dvk generate` makes: nothing of it ever happened."""
