"""`dvk witness` and `dvk proof`: cosigning a ledger's checkpoints, and verifying its proofs."""
