"""`dvk key`, `dvk sign` and `dvk trust`: keys, signed events, and who may speak for what."""
