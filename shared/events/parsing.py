"""JSON as it was sent, exactly: what Python's reader would smooth over stays visible as a marker.

Duplicate keys, numbers that the contract does not allow and NaN become markers that cannot be
written as JSON again: clean input pays nothing for the check, and one bad event in a batch is
found with its place while its neighbours are read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

from shared.errors import Problem, broken, declare

EXACT_INTEGER = 2**53
MAX_DIGITS = 15
MAX_DECIMALS = 3
_LONGEST_NUMBER = 400  # characters; far beyond any number that the contract allows

NOT_JSON = declare(
    "not_json",
    400,
    vi="Nội dung không phải là JSON (RFC 8259, UTF-8): {reason}.",
    en="The content is not JSON (RFC 8259, UTF-8): {reason}.",
)
TOO_DEEP = declare(
    "too_deep",
    422,
    vi="JSON lồng nhau quá {limit} cấp.",
    en="The JSON is nested deeper than {limit} levels.",
)
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class NotFinite:
    """NaN or an infinity: no JSON, though Python's writers produce it."""

    text: str


@dataclass(frozen=True, slots=True)
class Inexact:
    """A number beyond what sums exactly."""

    text: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """An object in which a key stands twice."""

    pairs: list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of a batch that cannot be read at all, and why."""

    problem: Problem


class Span(NamedTuple):
    """One item of a batch: its value, and where its text stands."""

    value: object
    start: int
    end: int


def exact_number(text: str) -> int | float | Inexact:
    """Return a number by the rule of the contract: an integral value is an integer.

    Integers lie within ±2^53; others have at most 3 decimals and 15 digits, trailing zeros aside.
    """
    try:
        _, digits, exponent = Decimal(text[:_LONGEST_NUMBER]).as_tuple()
    except InvalidOperation:
        return Inexact(text)
    if len(text) > _LONGEST_NUMBER or not isinstance(exponent, int):
        return Inexact(text)
    written = "".join(map(str, digits))
    significant = written.rstrip("0")
    exponent += len(written) - len(significant)
    if not significant.strip("0"):
        return 0
    significant = significant.lstrip("0")
    if exponent >= 0:
        return _integral(text, significant, exponent)
    if len(significant) > MAX_DIGITS or exponent < -MAX_DECIMALS:
        return Inexact(text)
    return float(text)


def _integral(text: str, significant: str, exponent: int) -> int | Inexact:
    if len(significant) + exponent > 16:
        return Inexact(text)
    value = int(significant) * 10**exponent
    if value > EXACT_INTEGER:
        return Inexact(text)
    return -value if text.startswith("-") else value


def _integer(text: str) -> int | float | Inexact:
    return int(text) if len(text) <= MAX_DIGITS else exact_number(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, object] | Repeated:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(pairs)


_SCAN = JSONDecoder(
    object_pairs_hook=_object,
    parse_float=exact_number,
    parse_int=_integer,
    parse_constant=NotFinite,
).scan_once
_SPACE = re.compile(r"[ \t\n\r]*")
# A string (also one that never ends), or a run of brackets.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|([\[{]+)|([\]}]+)', re.DOTALL)


def too_deep() -> Problem:
    """Return the problem of JSON that is nested too deeply."""
    return Problem(TOO_DEEP, {"limit": MAX_DEPTH})


def parse(raw: bytes) -> object:
    """Return the one value of a JSON text, with markers for what the contract does not allow.

    Raises `BrokenContract`: `not_json`, or `too_deep` for JSON that no reader should follow.
    """
    text = _decoded(raw)
    value, end = _scan(text, _after_space(text, 0))
    if isinstance(value, Unreadable):
        raise broken(value.problem.rule, **value.problem.params)
    _expect_end(text, end)
    return value


def items(raw: bytes) -> tuple[str, Iterator[Span]] | None:
    """Return the text of a JSON array and its items as they are read; None if it is no array.

    The text keeps bytes that are not UTF-8 as lone surrogates, so that only their item is bad.
    The iterator raises `BrokenContract` (`not_json`) where the array cannot be read on.
    """
    text = raw.decode("utf-8", "surrogateescape")
    start = _after_space(text, 0)
    if text.startswith("[", start):
        return text, _items(text, start + 1)
    value, end = _scan(text, start)
    if not isinstance(value, Unreadable):
        _expect_end(text, end)
    return None


def _items(text: str, place: int) -> Iterator[Span]:
    place = _after_space(text, place)
    if text.startswith("]", place):
        _expect_end(text, place + 1)
        return
    while True:
        value, end = _scan(text, place)
        yield Span(value, place, end)
        place = _after_space(text, end)
        if text.startswith("]", place):
            _expect_end(text, place + 1)
            return
        if not text.startswith(",", place):
            raise _not_json(text, place, "',' or ']' is missing")
        place = _after_space(text, place + 1)


def _scan(text: str, place: int) -> tuple[object, int]:
    """Read one value; one that is too deep to be read is skipped by counting brackets."""
    try:
        return _SCAN(text, place)
    except StopIteration as stop:
        raise _not_json(text, stop.value, "a value is missing") from None
    except JSONDecodeError as error:
        raise _not_json(text, error.pos, error.msg.lower()) from None
    except RecursionError:
        return Unreadable(too_deep()), _end_of_brackets(text, place)


def _end_of_brackets(text: str, place: int) -> int:
    depth = 0
    for match in _BRACKETS.finditer(text, place):
        opened, closed = match.group(1, 2)
        if opened:
            depth += len(opened)
        elif closed:
            if len(closed) >= depth:
                return match.start() + depth
            depth -= len(closed)
    raise _not_json(text, len(text), "a bracket is never closed")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise broken(NOT_JSON, reason=f"byte {error.start}: not UTF-8") from None


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _expect_end(text: str, place: int) -> None:
    end = _after_space(text, place)
    if end != len(text):
        raise _not_json(text, end, "nothing may follow")


def _not_json(text: str, place: int, reason: str) -> Exception:
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return broken(NOT_JSON, reason=f"line {line}, column {column}: {reason}")
