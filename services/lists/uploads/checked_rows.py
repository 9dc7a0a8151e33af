"""The rows of a list with their states, before and after sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.lists.remarks import Remark
from services.lists.uploads.events import ListEvent
from shared.errors import Language
from shared.events.bilingual import half_of


class RowState(StrEnum):
    """The state of a row towards the ledger; its words are in `web/texts.py`."""

    NEW = "new"
    """The ledger would accept it, or has."""
    KNOWN = "known"
    """The ledger has it already, with the same content."""
    CHANGED = "changed"
    """The ledger has it with other content: it is sent as a correction."""
    REPEATED = "repeated"
    """An earlier row of the same list says the same."""
    QUESTION = "question"
    """It waits for an answer."""
    FAULTY = "faulty"
    """Something in it must be mended."""
    WAITING = "waiting"
    """It names what the ledger does not know yet."""
    REFUSED = "refused"
    """A rule of the ledger is against it."""


SENDABLE = frozenset({RowState.NEW, RowState.CHANGED})


@dataclass(slots=True)
class CheckedRow:
    """A row of a list: its number in the sheet, its state, its events, and what is said of it.

    `identity` is the id that the annotated copy gives back; `positions` are where its events were
    recorded; `person` is the reference of its individual, and `is_named` says that the list has
    the name too.
    """

    number: int
    state: RowState
    events: Sequence[ListEvent] = ()
    remarks: list[Remark] = field(default_factory=list)
    identity: str = ""
    title: str = ""
    positions: list[int] = field(default_factory=list)
    person: str = ""
    is_named: bool = False

    def refused(self, problem: Mapping[str, Any], english: Mapping[str, Any]) -> None:
        """Take in what the ledger has against the row, in both languages."""
        vi, en = _sentence(problem, "vi"), _sentence(english, "en")
        self.remarks.append(Remark(str(problem["code"]), vi, en))


def _sentence(problem: Mapping[str, Any], language: Language) -> str:
    """Return a problem of the ledger with the places that it names, whose details are in both."""
    detail = str(problem.get("detail") or problem.get("title") or problem["code"])
    places = [
        f"{each['pointer']}: {half_of(each['detail'], language)}"
        for each in problem.get("errors", ())
    ]
    return " ".join([detail, *places])
