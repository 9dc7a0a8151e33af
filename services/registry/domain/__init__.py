"""The rules of what units promise: from facts and an event to a problem."""
