"""Exact amounts: at most three decimals, stored as integers of thousandths."""

from __future__ import annotations


def thousandths(value: float) -> int:
    """Return a number of the contract (at most 3 decimals and 15 digits) in thousandths."""
    return value * 1_000 if isinstance(value, int) else round(value * 1_000)


def from_thousandths(amount: int) -> int | float:
    """Return the number, an integer where it is one."""
    whole, rest = divmod(amount, 1_000)
    return amount / 1_000 if rest else whole
