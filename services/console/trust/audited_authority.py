"""The part of `dvk audit` that judges trust: the pinned beginning, signatures, keys and rights."""

from collections.abc import Sequence
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from services.console.output.faults import bar_of, print_fault_lines, print_mark
from services.console.output.reasons import AuditReason, AuditReasons
from services.console.output.texts import Terminal, number, number_en, said_on
from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.audit.authority_replay import JudgedAuthority, judge_authority
from services.reporting.audit.comparison import positions_without_authority
from services.reporting.audit.export_file import MOST_FAULTS, Export, Fault
from services.reporting.decider import ReportingDecider
from shared.deciders.stream_decider import StreamDecider
from shared.events.payloads.authority import TrustBegan
from shared.vocabulary import Family


class Trusted(Enum):
    """The authority of the events of an export; unknown if it cannot be judged."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def fresh_deciders() -> dict[Family, StreamDecider]:
    """Return the deciders of all services, which have folded nothing."""
    return {
        Family.REGISTRY: RegistryDecider(),
        Family.EVALUATION: EvaluationDecider(),
        Family.REPORTING: ReportingDecider(),
    }


class AuditedTrust(NamedTuple):
    """The authority of the events of an export, and the event with which trust began, if pinned."""

    verdict: Trusted
    trust: TrustBegan | None = None
    reasons: AuditReasons = MappingProxyType({})


def print_trust(export: Export, pinned: str | None, console: Terminal) -> AuditedTrust:
    """Judge the authority of all events twice, print the result, and return it.

    `pinned` is the digest (hex) of the event with which trust began, as the auditor knows it.
    """
    say = said_on(console)
    if export.signed_from is None and pinned is None:
        say(
            "Không sự kiện nào trong tệp được ký.",
            "No event of the file is signed.",
        )
        return AuditedTrust(Trusted.YES)
    if pinned is None:
        say_not_pinned(console)
        return AuditedTrust(Trusted.UNKNOWN)
    if not export.manifest.holds_the_past:
        say(
            "Tệp này là một khoảng giữa sổ: thiếu khóa và quyền đứng trước, nên không xét được "
            "chữ ký.",
            "This export does not begin with the log: keys and grants are missing, so that no "
            "signature can be judged.",
        )
        return AuditedTrust(Trusted.UNKNOWN)
    words = console.pick("Kiểm tra chữ ký và quyền", "Judging signatures and rights")
    with bar_of(console, words, export.manifest.count) as advanced:
        judged = judge_authority(export, fresh_deciders(), advanced)
    with console.status(console.pick("Đọc lần hai, độc lập…", "The independent reading…")):
        second = positions_without_authority(export)
    if judged.digest != pinned.strip().lower():
        print_fault_lines([_other_beginning(judged, pinned)], console)
        return AuditedTrust(Trusted.NO)
    only_one = _found_by_one(judged, second)
    faults = [*judged.faults, *only_one]
    print_fault_lines(sorted(faults, key=lambda fault: fault.position or 0), console)
    if not faults:
        print_mark(console, good=True)
        say(
            f"{number(judged.signed)} sự kiện từ sau vị trí {number(judged.began_at or 0)}: chữ "
            "ký, khóa và quyền đều đúng tại vị trí của từng sự kiện; hai cách đọc khớp.",
            f"{number_en(judged.signed)} events after position {number_en(judged.began_at or 0)}: "
            "signature, key and grant are right at the position of each, by both readings.",
        )
    say(
        f"{number(judged.unsigned)} sự kiện đến vị trí đó không có chữ ký.",
        f"{number_en(judged.unsigned)} events up to there are unsigned.",
    )
    verdict = Trusted.NO if faults else Trusted.YES
    return AuditedTrust(verdict, judged.trust, _reasons(judged, only_one))


def say_not_pinned(console: Terminal) -> None:
    """Say that the beginning of trust must be pinned to judge anything."""
    said_on(console)(
        "Sổ này đã bắt đầu chế độ ký: hãy nêu --trust, mã băm nhận từ nơi giữ sổ bằng đường khác.",
        "This log has begun trust: state --trust, the digest that its operator gave you another "
        "way.",
    )


def _reasons(judged: JudgedAuthority, only_one: Sequence[Fault]) -> AuditReasons:
    """Return the first position without a signature, and the first that fails otherwise.

    Events that only one of the readings finds wrong have no authority either.
    """
    reasons: dict[AuditReason, int | None] = {}
    if judged.unsigned_since is not None:
        reasons[AuditReason.UNSIGNED_SINCE] = judged.unsigned_since
    positions = [judged.no_authority, *(fault.position for fault in only_one)]
    if failing := [each for each in positions if each is not None]:
        reasons[AuditReason.NO_AUTHORITY] = min(failing)
    return reasons


def _other_beginning(judged: JudgedAuthority, pinned: str) -> Fault:
    found = judged.digest or "—"
    return Fault(
        judged.began_at,
        f"chế độ ký bắt đầu bằng sự kiện có mã băm {found}, không phải {pinned}",
        f"trust began with the event of digest {found}, not {pinned}",
    )


def _found_by_one(judged: JudgedAuthority, second: dict[int, str]) -> list[Fault]:
    """Return as faults the positions that only one of the readings names."""
    if len(judged.faults) >= MOST_FAULTS:
        return []  # not all are listed
    first = {fault.position for fault in judged.faults}
    only_second = [
        Fault(
            position,
            f"chỉ lần đọc lại thấy sai ({reason})",
            f"wrong by the independent reading only ({reason})",
        )
        for position, reason in second.items()
        if position not in first
    ]
    only_first = [
        Fault(
            fault.position,
            "lần đọc lại không thấy sai",
            "the independent reading finds nothing wrong",
        )
        for fault in judged.faults
        if fault.position not in second
    ]
    return [*only_first, *only_second]
