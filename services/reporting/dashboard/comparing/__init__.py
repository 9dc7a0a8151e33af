"""The tables of a year: compared with the year before, sorted, and turned to a level."""
