"""The read models of reporting, one file each: its rows, its fold, its queries (`catalog` lists them)."""
