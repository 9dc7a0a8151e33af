"""An upload: which list it is, how far it is, and what was said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.lists.kinds.kind import ListScope
from shared.errors import declare

UPLOAD_UNDER_WAY = declare(
    "list_upload_under_way",
    409,
    vi="Một danh sách của đơn vị này đang được kiểm tra hoặc đang gửi. Hãy thử lại khi xong.",
    en="A list of this unit is being checked or sent. Try again when that is done.",
)
FILE_ERASED = declare(
    "list_file_erased",
    410,
    vi="Tệp này đã được xóa vì có thông tin của một cá nhân đã được xóa theo yêu cầu. Nếu còn cần, "
    "hãy nộp lại tệp không có cá nhân đó.",
    en="This file was deleted because it has data of a person who was erased. If it is still "
    "needed, upload it again without that person.",
)


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
    entered_by: tuple[str, ...] = ()
    """The officers who uploaded it or answered its questions, once sign-in was required."""
    approved_by: str | None = None
    """The approver who sent it, where the unit has any."""
    checks: int = 0
    """How often it was checked: an approver sends what that one says of it."""

    @property
    def scope(self) -> ListScope:
        """Return to what the list belongs."""
        return ListScope(
            self.unit_id, self.plan_year, self.list_day, is_first_year=self.is_first_year
        )

    def without_file(self) -> "Upload":
        """Return a list that was not sent as it is after its file was deleted."""
        said = (FILE_ERASED.code, FILE_ERASED.words("vi", {}), FILE_ERASED.words("en", {}))
        return replace(self, stage=UploadStage.UNREADABLE, problem=said)
