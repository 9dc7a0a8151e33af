"""The commands of `dvk`, one module each."""
