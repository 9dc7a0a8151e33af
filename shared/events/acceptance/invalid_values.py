"""Markers for JSON values that no event may have, and parsing of exact numbers."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from shared.events.payloads.payload import EXACT_INTEGER

MAX_DIGITS = 15
MAX_DECIMALS = 3
_LONGEST_NUMBER = 400  # characters; far longer than any number in the contract
_SHOWN = 40  # characters of a wrong number shown in its error


@dataclass(frozen=True, slots=True)
class NonFiniteNumber:
    """NaN or an infinity: not JSON, although Python's encoder writes them."""

    text: str


@dataclass(frozen=True, slots=True)
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
    inexact = InexactNumber(text[:_SHOWN])
    try:
        _, digits, exponent = Decimal(text if len(text) <= _LONGEST_NUMBER else "NaN").as_tuple()
    except InvalidOperation:
        return inexact
    if not isinstance(exponent, int):
        return inexact
    written = "".join(map(str, digits)).lstrip("0")
    significant = written.rstrip("0")
    exponent += len(written) - len(significant)
    if exponent >= 0 or not significant:
        value = _integral(significant, exponent)
        return inexact if value is None else -value if text.startswith("-") else value
    exact = len(significant) <= MAX_DIGITS and exponent >= -MAX_DECIMALS
    return float(text) if exact else inexact


def _integral(significant: str, zeros: int) -> int | None:
    """Return the integer with these digits and trailing zeros, None beyond 2^53."""
    if not significant:
        return 0
    if len(significant) + zeros > len(str(EXACT_INTEGER)):
        return None
    value = int(significant) * 10**zeros
    return value if value <= EXACT_INTEGER else None
