"""A synthetic national history for load tests, demonstration and training, marked as such.

It is a pure function of its plan and its map: every fact is drawn by hashing (seed, year, slot,
question), so no state is kept and a file of any length takes the same memory.
"""
