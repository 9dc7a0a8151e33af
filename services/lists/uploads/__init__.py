"""Uploads from check to receipts, and the names of persons: the state of the desk."""
