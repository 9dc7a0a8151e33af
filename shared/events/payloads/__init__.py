"""What each type of event says: one module a family of facts."""
