"""Markers for JSON values that no event may have, and parsing of exact numbers."""

import re
from dataclasses import dataclass

from shared.events.payloads.payload import EXACT_INTEGER

MAX_DIGITS = 15
MAX_DECIMALS = 3
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_LONGEST_NUMBER = 400  # characters; far longer than any number in the contract
_LARGEST_EXPONENT = 10**18  # that of decimal arithmetic, also for zero
_SHOWN = 40  # characters of a wrong number shown in its error


@dataclass(frozen=True, slots=True)
class NonFiniteNumber:
    """NaN or an infinity: not JSON, although Python's encoder writes them."""

    text: str


@dataclass(slots=True)  # not frozen, which takes three times as long
class InexactNumber:
    """A number that cannot be summed exactly."""

    text: str


@dataclass(frozen=True, slots=True)
class SuspectKeys:
    """An object with keys to check: one occurs twice, or is not printable."""

    pairs: list[tuple[str, object]]


def exact_number(text: str) -> int | float | InexactNumber:
    """Return a number as the contract has it: an integral value is an integer.

    Integers are within ±2^53; others have at most 3 decimals and 15 digits, less trailing zeros.
    """
    # By hand, since a body may have as many numbers as it has room for.
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match is None:
        return InexactNumber(text[:_SHOWN])
    sign, whole, decimals, power = match.groups("")
    written = (whole + decimals).lstrip("0")
    significant = written.rstrip("0")
    moved = int(power or 0)
    exponent = moved - len(decimals) + len(written) - len(significant)
    if exponent >= 0 or not significant:
        value = _integral(significant, exponent)
        if value is not None and abs(moved) < _LARGEST_EXPONENT:
            return -value if sign else value
    elif len(significant) <= MAX_DIGITS and exponent >= -MAX_DECIMALS:
        return float(text)
    return InexactNumber(text[:_SHOWN])


def _integral(significant: str, zeros: int) -> int | None:
    """Return the integer with these digits and trailing zeros, None beyond 2^53."""
    if not significant:
        return 0
    if len(significant) + zeros > len(str(EXACT_INTEGER)):
        return None
    value = int(significant) * 10**zeros
    return value if value <= EXACT_INTEGER else None
