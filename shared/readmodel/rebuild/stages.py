"""Stages, results and refusals of a rebuild."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import LedgerError, Problem, declare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.generations import Pointer
    from shared.readmodel.rebuild.diff import ComparisonReport

UNDER_WAY = declare(
    "rebuild_under_way",
    409,
    vi="Một lần dựng lại bảng tổng hợp khác đang chạy trên cơ sở dữ liệu này. Hãy đợi nó xong.",
    en="Another rebuild runs on this database. Wait until it is done.",
)
DIFFERS = declare(
    "rebuild_differs",
    409,
    vi="Bảng {read_model} dựng lại khác bảng đang dùng ở {count} chỗ chưa được chấp nhận, tại vị "
    "trí {position}. Bảng đang dùng được giữ nguyên. Nếu khác biệt là đúng ý, hãy nêu tên nó: "
    "--accept '{example}'.",
    en="The rebuilt {read_model} differs from the active one in {count} places that were "
    "not accepted, at position {position}. The active one stays in use. If this is intended, "
    "name the difference: --accept '{example}'.",
)
NEVER_FILLED = declare(
    "read_model_never_filled",
    409,
    vi="Bảng {read_model} chưa từng được lập trong cơ sở dữ liệu này: hãy khởi động sổ, nó tự lập.",
    en="The read model {read_model} was never filled in this database: start the ledger, it fills "
    "it by itself.",
)
NOTHING_KEPT = declare(
    "nothing_to_roll_back",
    409,
    vi="Không có bản trước của bảng {read_model} để quay lại.",
    en="There is no earlier fill of the read model {read_model} to go back to.",
)
OUTPACED = declare(
    "rebuild_outpaced",
    503,
    vi="Việc dựng lại bảng {read_model} không theo kịp hoặc bị tiến trình khác chen vào, nên đã "
    "dừng. Bảng đang dùng được giữ nguyên; hãy chạy lại lệnh.",
    en="The rebuild of {read_model} could not catch up, or another process interfered, and was "
    "abandoned. The active one stays in use; run the command again.",
)


class Stage(StrEnum):
    """A stage of a rebuild, reported before the next step begins."""

    BEGUN = "begun"
    FILLING = "filling"
    FILLED = "filled"
    COMPARING = "comparing"
    COMPARED = "compared"
    MOVED_IN = "moved in"
    SWAPPING = "swapping"
    """All but the commit is done."""
    SWAPPED = "swapped"


@dataclass(frozen=True)
class Rebuilt:
    """The result for one read model: pointers before and after, position, and findings."""

    old: Pointer
    new: Pointer
    position: int
    findings: ComparisonReport


class Seconds(NamedTuple):
    """Durations of the parts of a rebuild; `moving` publishes the staged tables."""

    filling: float = 0.0
    comparing: float = 0.0
    moving: float = 0.0
    swapping: float = 0.0


@dataclass(frozen=True)
class Done:
    """The result for all read models, and the durations."""

    each: Sequence[Rebuilt]
    seconds: Seconds


class Differing(NamedTuple):
    """The differences of one read model as of a position."""

    read_model: str
    position: int
    findings: ComparisonReport


class Differs(LedgerError):  # noqa: N818  a family of refusals, as in shared.errors
    """The new generations have differences that were not accepted."""

    def __init__(self, found: Sequence[Differing]) -> None:
        self.found = found
        params = {
            "read_model": ", ".join(each.read_model for each in found),
            "count": sum(each.findings.unaccepted_total for each in found),
            "position": max(each.position for each in found),
            "example": found[0].findings.unaccepted[0].name,
        }
        super().__init__(Problem(DIFFERS, params))
