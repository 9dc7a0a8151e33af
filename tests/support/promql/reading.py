"""PromQL as text becomes a tree; what is not known here is refused and never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATORS = {
    "or": 1, "and": 2, "unless": 2,
    "==": 3, "!=": 3, ">": 3, "<": 3, ">=": 3, "<=": 3,
    "+": 4, "-": 4, "*": 5, "/": 5,
}  # fmt: skip
AGGREGATES = frozenset({"sum", "max", "min", "count"})
OVER_TIME = frozenset({"rate", "increase", "min_over_time", "max_over_time"})
FUNCTIONS: Mapping[str, int] = {**dict.fromkeys(OVER_TIME, 1), "histogram_quantile": 2}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_TOKEN = re.compile(
    r"\s*(?:(?P<duration>\d+[smhdw](?![\w.]))|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w))"
    r"|(?P<name>[A-Za-z_:][\w:]*)|(?P<text>\"[^\"\\]*\")|(?P<sign>=~|!~|==|!=|>=|<=|[-+*/<>=(){}\[\],]))"
)


class NotUnderstood(Exception):  # noqa: N818  the sentence is what the reader needs
    """The expression uses what is not known here; a Prometheus may understand it."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Selector:
    name: str
    matchers: tuple[tuple[str, str, str], ...] = ()
    seconds: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Aggregate:
    name: str
    by: tuple[str, ...]
    of: Expression


@dataclass(frozen=True)
class Binary:
    sign: str
    left: Expression
    right: Expression
    on: tuple[str, ...] | None = None
    group_left: bool = False


Expression = Number | Selector | Call | Aggregate | Binary


def read(text: str) -> Expression:
    """Return the tree of an expression; raises `NotUnderstood`."""
    reader = _Reader(_tokens(text), text)
    found = reader.expression()
    if reader.tokens:
        raise NotUnderstood(f"{text!r}: {reader.tokens[0][1]!r} is not expected")
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    text = re.sub(r"#.*", "", text).rstrip()
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotUnderstood(f"{text!r}: nothing is known of {text[at : at + 20]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens = tokens
        self._text = text

    def expression(self, above: int = 0) -> Expression:
        left = self._single()
        while self.tokens and OPERATORS.get(self._next(), 0) > above:
            sign = self._take()
            on = self._names() if self._had("on") else None
            group_left = self._had("group_left")
            if group_left and self._names():
                raise NotUnderstood(f"{self._text!r}: labels taken over by group_left")
            right = self.expression(OPERATORS[sign])
            left = Binary(sign, left, right, on, group_left)
        return left

    def _single(self) -> Expression:
        kind, word = self.tokens.pop(0) if self.tokens else ("end", "")
        if word == "(":
            inner = self.expression()
            self._must(")")
            return inner
        if kind == "number":
            return Number(float(word))
        if kind != "name":
            raise NotUnderstood(f"{self._text!r}: {word!r} is not expected")
        if word in AGGREGATES:
            return self._aggregate(word)
        if self._next() == "(":
            return self._call(word)
        return self._selector(word)

    def _aggregate(self, name: str) -> Aggregate:
        by = self._names() if self._had("by") else ()
        self._must("(")
        of = self.expression()
        self._must(")")
        return Aggregate(name, self._names() if self._had("by") else by, of)

    def _call(self, name: str) -> Call:
        if name not in FUNCTIONS:
            raise NotUnderstood(f"{self._text!r}: the function {name} is not known here")
        self._must("(")
        arguments = [self.expression()]
        while self._had(","):
            arguments.append(self.expression())
        self._must(")")
        if len(arguments) != FUNCTIONS[name]:
            raise NotUnderstood(f"{self._text!r}: {name} takes {FUNCTIONS[name]} arguments")
        return Call(name, tuple(arguments))

    def _selector(self, name: str) -> Selector:
        matchers: list[tuple[str, str, str]] = []
        if self._had("{"):
            while not self._had("}"):
                label, how, value = self._take(), self._take(), self._take()
                if how not in {"=", "!=", "=~", "!~"} or not value.startswith('"'):
                    raise NotUnderstood(f"{self._text!r}: {label}{how}{value}")
                matchers.append((label, how, value.strip('"')))
                self._had(",")
        seconds = None
        if self._had("["):
            seconds = self._duration()
            self._must("]")
        offset = self._duration() if self._had("offset") else 0
        return Selector(name, tuple(matchers), seconds, offset)

    def _duration(self) -> int:
        word = self._take()
        if not re.fullmatch(r"\d+[smhdw]", word):
            raise NotUnderstood(f"{self._text!r}: {word!r} is no duration")
        return int(word[:-1]) * _UNITS[word[-1]]

    def _names(self) -> tuple[str, ...]:
        self._must("(")
        names = []
        while not self._had(")"):
            names.append(self._take())
            self._had(",")
        return tuple(names)

    def _next(self) -> str:
        return self.tokens[0][1] if self.tokens else ""

    def _take(self) -> str:
        if not self.tokens:
            raise NotUnderstood(f"{self._text!r} ends too early")
        return self.tokens.pop(0)[1]

    def _had(self, word: str) -> bool:
        if self._next() != word:
            return False
        self.tokens.pop(0)
        return True

    def _must(self, word: str) -> None:
        if not self._had(word):
            raise NotUnderstood(f"{self._text!r}: {word!r} is missing before {self._next()!r}")
