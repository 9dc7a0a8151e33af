"""The rules of the registry: from facts and an event to a problem."""
