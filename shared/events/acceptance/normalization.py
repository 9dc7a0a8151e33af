"""Normalisation to the canonical form: Unicode NFC, exact numbers, sorted keys.

The bytes are created once, at acceptance; all digests of an event are computed over them.
"""

import re
from collections.abc import Iterable
from typing import Any

from shared.errors import BrokenContract, FieldError, Problem, Rule, declare
from shared.events.acceptance.invalid_values import (
    InexactNumber,
    NonFiniteNumber,
    SuspectKeys,
    exact_number,
)
from shared.events.acceptance.json_parser import MAX_DEPTH, NOT_JSON, too_deep
from shared.events.acceptance.unicode_nfc import nfc
from shared.events.bilingual import said
from shared.events.canonical_json import canonical, utf16_order
from shared.events.json_pointer import pointer
from shared.events.payloads.payload import EXACT_INTEGER, TEXT_LIMIT

__all__ = ["DUPLICATE_KEY", "INVALID_VALUE", "canonical", "normalise"]

MOST_ERRORS = 20
"""Most places named by one problem."""

DUPLICATE_KEY = declare(
    "duplicate_key",
    422,
    vi="Một khóa xuất hiện hai lần trong cùng một đối tượng JSON.",
    en="A key occurs twice in one JSON object.",
)
INVALID_VALUE = declare(
    "invalid_value",
    422,
    vi="Có số hoặc chữ mà hợp đồng không cho phép; mục errors chỉ rõ từng chỗ.",
    en="There are numbers or texts that the contract does not allow; errors names each place.",
)
_NUMBER = said(
    "số nguyên trong khoảng ±2^53, hoặc tối đa 3 chữ số thập phân và 15 chữ số",
    "an integer within ±2^53, or at most 3 decimals and 15 digits",
)
_NOT_FINITE = said("NaN và vô cực không phải là JSON", "NaN and infinities are not JSON")
_CONTROL = said("có ký tự điều khiển", "control characters are not allowed")
_SURROGATE = said("mã Unicode không trọn vẹn", "a lone surrogate is not text")
_LONG = said(f"dài quá {TEXT_LIMIT} ký tự", f"longer than {TEXT_LIMIT} characters")
_TWICE = said("khóa xuất hiện hai lần", "the key occurs twice")
_UNFIT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_KEY = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# The path to a value: the path of the parent, and the last step; () is the root.
_Path = tuple[Any, ...]


def normalise(value: object, *, under: str | None = None) -> object:
    """Return a JSON value in canonical form: NFC, exact numbers, keys sorted as in RFC 8785.

    Raises `BrokenContract` (`invalid_value`, `duplicate_key`, `too_deep`, `not_json`) with a JSON
    pointer for each place that cannot be normalised, prefixed with the member `under`.
    """
    walk = _Normalizer()
    clean = walk.value(value, () if under is None else ((), under), MAX_DEPTH)
    if walk.problems:
        raise BrokenContract(walk.problem())
    return clean


class _Normalizer:
    """One pass over a value: normalises it, and collects errors."""

    def __init__(self) -> None:
        self.problems: list[tuple[Rule, FieldError]] = []

    def problem(self) -> Problem:
        """Return the most serious broken rule, with all its places."""
        ranks = (NOT_JSON, DUPLICATE_KEY, INVALID_VALUE)
        worst = min((rule for rule, _ in self.problems), key=ranks.index)
        errors = tuple(error for rule, error in self.problems if rule is worst)
        return Problem(worst, {"reason": "NaN"} if worst is NOT_JSON else {}, errors)

    def note(self, rule: Rule, path: _Path, detail: str) -> None:
        """Add an error at a place; with the last that is named the rest is not looked at."""
        self.problems.append((rule, FieldError(pointer(_steps(path)), detail)))
        if len(self.problems) == MOST_ERRORS:
            raise BrokenContract(self.problem())

    def value(self, value: object, path: _Path, depth: int) -> object:
        """Return the canonical form of a value; None, with an error, if it has none."""
        if isinstance(value, str):
            return self.text(value, path, _UNFIT_TEXT)
        if isinstance(value, dict):
            return self.members(value.items(), path, depth)
        if isinstance(value, list):
            _go_deeper(depth)
            return [
                self.value(item, (path, number), depth - 1) for number, item in enumerate(value)
            ]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and -EXACT_INTEGER <= value <= EXACT_INTEGER:
            return value
        return self.marked(value, path, depth)

    def marked(self, value: object, path: _Path, depth: int) -> object:
        """Add errors for the parser's markers, and convert Python floats."""
        match value:
            case SuspectKeys():
                return self.members(value.pairs, path, depth)
            case NonFiniteNumber():
                self.note(NOT_JSON, path, _NOT_FINITE)
            case float():
                exact = exact_number(repr(value))
                if not isinstance(exact, InexactNumber):
                    return exact
                self.note(INVALID_VALUE, path, _NUMBER)
            case _:
                self.note(INVALID_VALUE, path, _NUMBER)
        return None

    def members(
        self, pairs: Iterable[tuple[str, object]], path: _Path, depth: int
    ) -> dict[str, object]:
        """Return an object's members under normalised keys, in order."""
        _go_deeper(depth)
        members: dict[str, object] = {}
        for key, value in pairs:
            clean = self.text(key, (path, key), _UNFIT_KEY)
            if clean in members:
                self.note(DUPLICATE_KEY, (path, key), _TWICE)
            members[clean] = self.value(value, (path, key), depth - 1)
        return {key: members[key] for key in _in_order(members.keys())}

    def text(self, text: str, path: _Path, unfit: re.Pattern[str]) -> str:
        """Return the NFC form of a text or key, and add an error for characters not allowed."""
        clean = text if text.isascii() else nfc(text)
        if len(clean) > TEXT_LIMIT:
            self.note(INVALID_VALUE, path, _LONG)
        found = unfit.search(clean)
        if found:
            surrogate = found.group() >= "\ud800"
            self.note(INVALID_VALUE, path, _SURROGATE if surrogate else _CONTROL)
        return clean


def _go_deeper(depth: int) -> None:
    if not depth:
        raise BrokenContract(too_deep())


def _in_order(keys: Iterable[str]) -> list[str]:
    # ASCII has the same order by code points and by UTF-16 code units.
    return sorted(keys) if "".join(keys).isascii() else sorted(keys, key=utf16_order)


def _steps(path: _Path) -> list[str | int]:
    steps: list[str | int] = []
    while path:
        path, step = path
        steps.append(step)
    return steps[::-1]
