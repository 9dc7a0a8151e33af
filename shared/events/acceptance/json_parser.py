"""JSON as it was sent, exactly: what Python's reader would smooth over stays visible as a marker.

Duplicate keys, numbers that the contract does not allow and NaN become markers that cannot be
written as JSON again: clean input pays nothing for the check, and one bad event in a batch is
found with its place while its neighbours are read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

from shared.errors import BrokenContract, Problem, broken, declare
from shared.events.acceptance.encodings import IS_OTHER, NOT_UTF8, other_encoding, without_mark
from shared.events.acceptance.invalid_values import (
    MAX_DIGITS,
    InexactNumber,
    NonFiniteNumber,
    SuspectKeys,
    exact_number,
)

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
class UnparsableItem:
    """An item of a batch that is not JSON a reader should follow, and why; `value` may be told."""

    problem: Problem
    value: object = None


class ParsedJson(NamedTuple):
    """One value, and where its text stands; `checked` if keys that stand twice are marked."""

    value: object
    text: str
    start: int
    end: int
    checked: bool

    @property
    def quotes(self) -> int:
        """Return the number of quotation marks in its text."""
        return self.text.count('"', self.start, self.end)

    def read_again(self) -> "ParsedJson":
        """Return the same with its keys checked."""
        return self._replace(value=_scan(self.text, self.start, _CHECKING)[0], checked=True)


def _integer(text: str) -> int | float | InexactNumber:
    return int(text) if len(text) <= MAX_DIGITS else exact_number(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, object] | SuspectKeys:
    found = dict(pairs)
    plain = len(found) == len(pairs) and "".join(found).isprintable()
    return found if plain else SuspectKeys(pairs)


_Scan = Callable[[str, int], tuple[object, int]]


def _scanner(*, check_keys: bool) -> _Scan:
    decoder = JSONDecoder(
        object_pairs_hook=_object if check_keys else None,
        parse_float=exact_number,
        parse_int=_integer,
        parse_constant=NonFiniteNumber,
    )
    scan: _Scan = decoder.scan_once  # type: ignore[attr-defined]  # as json.decoder has it
    return scan


_QUICK = _scanner(check_keys=False)
_CHECKING = _scanner(check_keys=True)
_DAMAGED = re.compile("[\udc80-\udcff]")
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
# A string (also one that never ends), or a run of brackets.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|([\[{]+)|([\]}]+)', re.DOTALL)


def too_deep() -> Problem:
    """Return the problem of JSON that is nested too deeply."""
    return Problem(TOO_DEEP, {"limit": MAX_DEPTH})


def parse(raw: bytes, *, check_keys: bool = False) -> ParsedJson:
    """Return the one value of a JSON text, with markers for what the contract does not allow.

    Keys are checked when asked for, or when the text has escapes; otherwise a key that stands
    twice shows in the number of quotation marks: the value written again has fewer.
    Raises `BrokenContract`: `not_json`, or `too_deep` for JSON that no reader should follow.
    """
    text = _decoded(raw)
    checked = check_keys or "\\" in text
    start = _after_space(text, 0)
    value, end = _scan(text, start, _CHECKING if checked else _QUICK)
    if isinstance(value, UnparsableItem):
        raise BrokenContract(value.problem)
    _expect_end(text, end)
    return ParsedJson(value, text, start, end, checked)


def items(raw: bytes, most: int) -> list[ParsedJson] | None:
    """Return at most so many items of a JSON array, None if it is no array.

    Bytes that are not UTF-8 become lone surrogates in the text, so that only their item is bad.
    Raises `BrokenContract` (`not_json`) where the array cannot be read on.
    """
    text, damaged = _kept(raw)
    start = _after_space(text, 0)
    if not text.startswith("[", start):
        _expect_end(text, _scan(text, start, _QUICK)[1])
        return None
    found = list(islice(_items(text, start + 1), most))
    return [_judged(sent) for sent in found] if damaged else found


def _kept(raw: bytes) -> tuple[str, bool]:
    raw = _readable(raw)
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape"), True


def _judged(sent: ParsedJson) -> ParsedJson:
    if not _DAMAGED.search(sent.text, sent.start, sent.end):
        return sent
    problem = Problem(NOT_JSON, {"reason": NOT_UTF8})
    return sent._replace(value=UnparsableItem(problem, sent.value))


def _items(text: str, place: int) -> Iterator[ParsedJson]:
    checked = "\\" in text
    scan = _CHECKING if checked else _QUICK
    place = _after_space(text, place)
    if text.startswith("]", place):
        _expect_end(text, place + 1)
        return
    while True:
        value, end = _scan(text, place, scan)
        yield ParsedJson(value, text, place, end, checked)
        comma = _COMMA.match(text, end)
        if comma is None:
            break
        place = comma.end()
    place = _after_space(text, end)
    if not text.startswith("]", place):
        raise _not_json(text, place, "',' or ']' is missing")
    _expect_end(text, place + 1)


def _scan(text: str, place: int, scan: _Scan) -> tuple[object, int]:
    """Read one value; one that is too deep to be read is skipped by counting brackets."""
    try:
        return scan(text, place)
    except StopIteration as stop:
        raise _not_json(text, stop.value, "a value is missing") from None
    except JSONDecodeError as error:
        raise _not_json(text, error.pos, error.msg.lower()) from None
    except RecursionError:
        return UnparsableItem(too_deep()), _end_of_brackets(text, place)


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
    raw = _readable(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise broken(NOT_JSON, reason=f"line {line}, byte {error.start}: {NOT_UTF8}") from None


def _readable(raw: bytes) -> bytes:
    """Return the bytes without a mark; refuse those that begin in another encoding."""
    name = other_encoding(raw)
    if name is not None:
        raise broken(NOT_JSON, reason=IS_OTHER.format(name=name))
    return without_mark(raw)


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _expect_end(text: str, place: int) -> None:
    end = _after_space(text, place)
    if end != len(text):
        raise _not_json(text, end, "nothing may follow")


def _not_json(text: str, place: int, reason: str) -> BrokenContract:
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return broken(NOT_JSON, reason=f"line {line}, column {column}: {reason}")
