"""`dvk doctor`: the faults of a running ledger, why they matter, and what to do next.

It only reads: databases are opened read-only, Redis and the services get queries only.
"""
