"""Responses: representations, pages of lists, CSV, problems."""
