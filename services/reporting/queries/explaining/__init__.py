"""Explanations of a figure: its entities and events, and the reasons of its changes."""
