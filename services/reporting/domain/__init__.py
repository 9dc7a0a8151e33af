"""The rules of closings and asserted figures: from facts and an event to a problem."""
