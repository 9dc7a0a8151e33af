"""The eight kinds of list: columns, what a row must say, and the events that it becomes."""
