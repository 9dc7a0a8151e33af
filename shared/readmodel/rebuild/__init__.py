"""Rebuilds of read models: fill into staging, compare, replace."""
