"""Rules that several services share: pure functions of an event and what is known at the head."""
