"""`dvk doctor`: what is wrong with a running ledger, why it matters, and what to do next.

It only reads: databases are opened read-only, Redis and the services are asked and told nothing.
"""
