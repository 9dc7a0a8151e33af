"""The payloads of all event types, one module for each area."""
