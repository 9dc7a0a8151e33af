"""The read models of reporting, one file each: its rows and its fold (`catalog` lists them)."""
