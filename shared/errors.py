"""Errors are for their reader: a stable code, the HTTP status, and words in two languages.

Each rule is declared beside what raises it; `declared()` lists them all for the documentation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for which something is refused; `vi` and `en` are templates with {names}."""

    code: str
    status: int
    vi: str
    en: str

    def words(self, language: Language, params: Mapping[str, object]) -> str:
        """Return the sentence for a reader."""
        template = self.vi if language == "vi" else self.en
        return template.format_map(_Stated(params))


class _Stated(dict[str, object]):
    """A parameter that nobody gave shows as an ellipsis: an error message never fails itself."""

    def __missing__(self, key: str) -> str:
        return "…"


_RULES: dict[str, Rule] = {}


def declare(code: str, status: int, *, vi: str, en: str) -> Rule:
    """Declare a rule once; a second rule with the same code is a mistake of the programmer."""
    if code in _RULES:
        message = f"the problem code {code!r} is declared twice"
        raise ValueError(message)
    rule = Rule(code, status, vi, en)
    _RULES[code] = rule
    return rule


def declared() -> tuple[Rule, ...]:
    """Return every rule declared by the modules imported so far, by code."""
    return tuple(_RULES[code] for code in sorted(_RULES))


def rule_of(code: str) -> Rule:
    """Return a declared rule; an unknown code (of an older release) keeps its code as words."""
    return _RULES.get(code) or Rule(code, 409, code, code)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: a JSON pointer into what was sent, and why."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that was broken, with what a reader needs to mend it."""

    rule: Rule
    params: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def as_json(self, language: Language = "vi") -> dict[str, object]:
        """Return the members of an RFC 9457 problem document.

        The title is that of the rule, the same each time; the detail says what happened here.
        """
        body: dict[str, object] = {
            "type": f"urn:dvk:problem:{self.rule.code}",
            "title": self.rule.words(language, {}),
            "status": self.rule.status,
            "code": self.rule.code,
            "detail": self.rule.words(language, self.params),
        }
        if self.errors:
            body["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in self.errors]
        extra = {key: value for key, value in self.params.items() if key not in body}
        return {**body, **extra}

    def stored(self) -> dict[str, object]:
        """Return what is kept of a refusal, so that each reader gets it in their language."""
        return {"code": self.rule.code, "params": dict(self.params)}

    @classmethod
    def restored(cls, kept: Mapping[str, object]) -> "Problem":
        """Return the problem that `stored` kept."""
        params = kept.get("params")
        return cls(rule_of(str(kept["code"])), params if isinstance(params, Mapping) else {})


class LedgerError(Exception):
    """Anything that is refused for a stated reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.rule.code}: {problem.rule.words('en', problem.params)}")


class NotFound(LedgerError):
    """What was asked for is not there."""


class BrokenContract(LedgerError):
    """What was sent does not have the shape of the contract."""


class Unavailable(LedgerError):
    """The ledger cannot answer now; the same request may succeed later."""

    def __init__(self, problem: Problem, retry_after_seconds: int = 1) -> None:
        super().__init__(problem)
        self.retry_after_seconds = retry_after_seconds


def broken(rule: Rule, errors: Iterable[FieldError] = (), **params: object) -> BrokenContract:
    """Return the error for something sent in the wrong shape."""
    return BrokenContract(Problem(rule, params, tuple(errors)))
