"""Problems: a stable code, an HTTP status, and a sentence in each of two languages.

Each rule is declared next to the code that raises it; `declared()` lists all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason for a refusal; `vi` and `en` are templates with {names}."""

    code: str
    status: int
    vi: str
    en: str

    def words(self, language: Language, params: Mapping[str, object]) -> str:
        """Return the sentence for a reader."""
        template = self.vi if language == "vi" else self.en
        return template.format_map(_Parameters(params))


class _Parameters(dict[str, object]):
    """Parameters of a template; a missing one becomes an ellipsis, so formatting never fails."""

    def __missing__(self, key: str) -> str:
        return "…"


_RULES: dict[str, Rule] = {}


def declare(code: str, status: int, *, vi: str, en: str) -> Rule:
    """Declare a rule; a second rule with the same code is a programming error."""
    if code in _RULES:
        message = f"the problem code {code!r} is declared twice"
        raise ValueError(message)
    rule = Rule(code, status, vi, en)
    _RULES[code] = rule
    return rule


def declared() -> tuple[Rule, ...]:
    """Return the rules declared by the modules imported so far, by code."""
    return tuple(_RULES[code] for code in sorted(_RULES))


def rule_of(code: str) -> Rule:
    """Return a declared rule; for an unknown code (of an older release) the code is the text."""
    return _RULES.get(code) or Rule(code, 409, code, code)


@dataclass(frozen=True, slots=True)
class FieldError:
    """An invalid field: a JSON pointer into the request, and the reason."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule with its details."""

    rule: Rule
    params: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def as_json(self, language: Language = "vi") -> dict[str, object]:
        """Return the members of an RFC 9457 problem document.

        The title is the rule's and always the same; the detail describes this case.
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
        """Return the stored form of a refusal, which can be read in either language."""
        return {"code": self.rule.code, "params": dict(self.params)}

    @classmethod
    def restored(cls, kept: Mapping[str, object]) -> "Problem":
        """Return the problem from its stored form."""
        params = kept.get("params")
        return cls(rule_of(str(kept["code"])), params if isinstance(params, Mapping) else {})


class LedgerError(Exception):
    """A refusal with its problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.rule.code}: {problem.rule.words('en', problem.params)}")


class NotFound(LedgerError):
    """The requested resource does not exist."""


class BrokenContract(LedgerError):
    """The request does not match the contract."""


class Unavailable(LedgerError):
    """The ledger cannot answer now; the same request may succeed later."""

    def __init__(self, problem: Problem, retry_after_seconds: int = 1) -> None:
        super().__init__(problem)
        self.retry_after_seconds = retry_after_seconds


def broken(rule: Rule, errors: Iterable[FieldError] = (), **params: object) -> BrokenContract:
    """Return the error for a request that does not match the contract."""
    return BrokenContract(Problem(rule, params, tuple(errors)))
