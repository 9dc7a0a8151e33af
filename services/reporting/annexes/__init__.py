"""Annexes of a report and the sentences of its account, each figure as known on a day."""
