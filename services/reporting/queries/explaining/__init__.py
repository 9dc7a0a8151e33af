"""Which entities and which events are behind a figure, and why it changed."""
