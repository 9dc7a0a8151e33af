"""Findings: what is wrong with a cell, and what must be asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.errors import Rule


class FindingKind(StrEnum):
    """A fault is mended in the workbook; a question is answered beside it."""

    FAULT = "fault"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class ListFinding:
    """One thing found, about a cell ('D7') or about a whole column ('D')."""

    kind: FindingKind
    rule: Rule
    cell: str
    read: str = ""
    suggestions: tuple[str, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code of what was found."""
        return self.rule.code

    @property
    def key(self) -> str:
        """The name under which an answer is given to it."""
        return f"{self.rule.code}:{self.cell}"

    @property
    def vi(self) -> str:
        """The sentence in Vietnamese."""
        return self.rule.words("vi", {"read": self.read, **self.params})

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.rule.words("en", {"read": self.read, **self.params})


def fault(
    rule: Rule, cell: str, read: str = "", suggestions: tuple[str, ...] = (), **params: object
) -> ListFinding:
    """Return a fault of a cell."""
    return ListFinding(FindingKind.FAULT, rule, cell, read, suggestions, params)


def question(
    rule: Rule, cell: str, read: str, suggestions: tuple[str, ...], **params: object
) -> ListFinding:
    """Return a question about a cell or a column."""
    return ListFinding(FindingKind.QUESTION, rule, cell, read, suggestions, params)


YES = "yes"
NO = "no"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers given so far, by `ListFinding.key`.

    An answer to a column ('list_year_of_two_digits:D') holds for every cell of it without its own.
    """

    given: Mapping[str, str] = field(default_factory=dict)

    def to(self, rule: Rule, cell: str) -> str | None:
        """Return the answer about a cell or a column; None when there is none yet."""
        column = cell.rstrip("0123456789")
        own = self.given.get(f"{rule.code}:{cell}")
        return self.given.get(f"{rule.code}:{column}") if own is None else own
