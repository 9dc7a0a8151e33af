"""The JSON Canonicalization Scheme (RFC 8785)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from json import JSONEncoder

_EXACT_INTEGER = 2**53
_LONGEST_POSITIONAL = 21  # digits before ECMAScript uses an exponent

write = JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode
"""Write a value with sorted keys and plain numbers; Python escapes as RFC 8785 does."""

write_sorted = JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode
"""The same, sorting keys by code point, as RFC 8785 does if all keys are within the BMP."""


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of a JSON value as UTF-8; raises `ValueError` if it has none."""
    return "".join(_pieces(value)).encode()


def utf16_order(key: str) -> bytes:
    """Return the sort key of RFC 8785 (3.2.3): the UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")


def _pieces(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            yield "{"
            for number, key in enumerate(sorted(value, key=utf16_order)):
                yield f"{',' if number else ''}{write(key)}:"
                yield from _pieces(value[key])
            yield "}"
        case list() | tuple():
            yield "["
            for number, item in enumerate(value):
                yield "," if number else ""
                yield from _pieces(item)
            yield "]"
        case bool() | None | str():
            yield write(value)
        case int() if abs(value) <= _EXACT_INTEGER:
            yield str(int(value))
        case float() if abs(value) < float("inf"):
            yield number_text(value)
        case _:
            message = f"{value!r} has no canonical JSON form"
            raise ValueError(message)


def number_text(value: float) -> str:
    """Return a finite double as ECMAScript writes it (RFC 8785, 3.2.2.3)."""
    negative, digits, exponent = Decimal(repr(value)).as_tuple()
    written = "".join(map(str, digits)).rstrip("0")
    if not written:
        return "0"
    point = len(digits) + int(exponent)  # the number of digits before the decimal point
    return ("-" if negative else "") + _placed(written, point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= _LONGEST_POSITIONAL:
        return digits + "0" * (point - len(digits))
    if 0 < point <= _LONGEST_POSITIONAL:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
