"""Trust: signatures of publishers, their keys and grants, and the Merkle tree over the log."""
