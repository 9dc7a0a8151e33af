"""Feeds of a unit: its events by position, as Atom for people and as CloudEvents for programs."""
