"""The rules of evaluation: from facts and an event to a problem."""
