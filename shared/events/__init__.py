"""The contract as code: the envelope, the typed events, the door, and what is generated."""
