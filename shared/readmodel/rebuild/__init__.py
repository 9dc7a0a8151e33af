"""Rebuilding read models: build into staging, compare, replace."""
