"""Events that another ledger forwards: received in its order, without a gap, by its chain."""
