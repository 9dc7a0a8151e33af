"""A national history that never happened: for load, demonstration and training, and marked so.

It is a pure function of its plan and its map: every fact is drawn by hashing (seed, year, slot,
what), so nothing has to be remembered and a file of any length takes the same memory.
"""
