"""The rules of what committees decide: from facts and an event to a problem."""
