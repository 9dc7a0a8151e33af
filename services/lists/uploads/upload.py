"""An upload: which list it is, how far it is, and what was said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.lists.kinds.kind import ListScope


class UploadStage(StrEnum):
    """How far an upload is."""

    CHECKING = "checking"
    CHECKED = "checked"
    SENDING = "sending"
    SENT = "sent"
    UNREADABLE = "unreadable"
    """No list could be read from the file, or the ledger did not answer; `problem` says why."""


RUNNING = frozenset({UploadStage.CHECKING, UploadStage.SENDING})
"""Stages in which the desk works; after a restart they go on."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as the desk keeps it; times are microseconds since 1970.

    `counts` are the rows by state, `problem` is (code, vi, en), `answers` are those given to
    questions by their keys.
    """

    upload_id: str
    kind: str
    unit_id: str
    unit_name: str
    plan_year: int
    file_name: str
    digest: str
    received_us: int
    stage: UploadStage = UploadStage.CHECKING
    list_day: date | None = None
    is_first_year: bool = False
    only_good: bool = True
    done: int = 0
    total: int = 0
    position: int = 0
    """The head of the log when the list was checked or sent last."""
    counts: Mapping[str, int] = field(default_factory=dict)
    summary: Mapping[str, object] = field(default_factory=dict)
    """What reading says of the whole file: sheet, skipped rows, unknown headings, notices."""
    answers: Mapping[str, str] = field(default_factory=dict)
    problem: tuple[str, str, str] | None = None

    @property
    def scope(self) -> ListScope:
        """Return to what the list belongs."""
        return ListScope(
            self.unit_id, self.plan_year, self.list_day, is_first_year=self.is_first_year
        )
