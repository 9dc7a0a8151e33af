"""The HTTP routes of reporting, their parameters and schemas."""
