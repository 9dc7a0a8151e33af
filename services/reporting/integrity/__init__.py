"""Tamper evidence in public: checkpoints, tiles, proofs, and cosignatures of witnesses."""
