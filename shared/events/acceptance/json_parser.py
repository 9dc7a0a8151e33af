"""An exact JSON parser: values that Python's parser would accept silently become markers.

Duplicate keys, numbers outside the contract and NaN become markers that cannot be encoded as JSON:
valid input costs no extra check, and one bad event in a batch is located while the others are read.
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
    """An invalid JSON item of a batch, and why; `value` if it could be parsed."""

    problem: Problem
    value: object = None


class ParsedJson(NamedTuple):
    """A value and the range of its text; `checked` if duplicate keys are marked."""

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
        """Return the value parsed again with its keys checked."""
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


_FAST = _scanner(check_keys=False)
_CHECKING = _scanner(check_keys=True)
_DAMAGED = re.compile("[\udc80-\udcff]")
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
# A string (also an unterminated one), or a run of brackets.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|([\[{]+)|([\]}]+)', re.DOTALL)


def too_deep() -> Problem:
    """Return the problem of JSON that is nested too deeply."""
    return Problem(TOO_DEEP, {"limit": MAX_DEPTH})


def parse(raw: bytes, *, check_keys: bool = False) -> ParsedJson:
    """Return the value of a JSON text, with markers for values outside the contract.

    Keys are checked on request, or if the text has escapes; otherwise a duplicate key shows in the
    number of quotation marks, which is lower when the value is encoded again.
    Raises `BrokenContract`: `not_json`, or `too_deep` for JSON nested too deeply.
    """
    text = _decoded(raw)
    checked = check_keys or "\\" in text
    start = _after_space(text, 0)
    value, end = _scan(text, start, _CHECKING if checked else _FAST)
    if isinstance(value, UnparsableItem):
        raise BrokenContract(value.problem)
    _expect_end(text, end)
    return ParsedJson(value, text, start, end, checked)


def items(raw: bytes, most: int) -> list[ParsedJson] | None:
    """Return at most `most` items of a JSON array, None if it is no array.

    Bytes that are not UTF-8 become lone surrogates, so that only their item is invalid.
    Raises `BrokenContract` (`not_json`) if the array cannot be parsed further.
    """
    text, damaged = _kept(raw)
    start = _after_space(text, 0)
    if not text.startswith("[", start):
        _expect_end(text, _scan(text, start, _FAST)[1])
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
    scan = _CHECKING if checked else _FAST
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
    """Parse one value; one nested too deeply is skipped by counting brackets."""
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
    """Return the bytes without a byte-order mark; refuse other encodings."""
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
