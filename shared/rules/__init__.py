"""Rules shared by several services: pure functions of an event and the state at the head."""
