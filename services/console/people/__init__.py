"""`dvk account`: local accounts of the people who sign in."""
