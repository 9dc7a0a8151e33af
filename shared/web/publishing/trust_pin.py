"""The pinned beginning of trust: a service starts only on a log that has it.

`TrustBegan` names the roots of all authority, and nothing signs it: it is believed because its
digest is pinned outside the log, in `DVK_TRUST` and in every auditor's hand.
"""

from shared.errors import LedgerError, Problem, declare
from shared.eventlog.protocol import EventLog
from shared.events.payloads.authority import TrustBegan
from shared.settings import Settings
from shared.web.server.process import is_loopback

OTHER_TRUST = declare(
    "other_trust",
    500,
    vi="Không khởi động: sổ cái bắt đầu chế độ ký bằng sự kiện có mã băm {found}, nhưng DVK_TRUST "
    "là {pinned}. Nếu đây đúng là sổ của mình, hãy đặt DVK_TRUST={found}.",
    en="Not started: trust began in this log with the event of digest {found}, but DVK_TRUST is "
    "{pinned}. If this is your log, set DVK_TRUST={found}.",
)
TRUST_MISSING = declare(
    "trust_missing",
    500,
    vi="Không khởi động: DVK_TRUST là {pinned}, nhưng sổ cái này chưa bắt đầu chế độ ký. Có thể "
    "đây là sổ khác, hoặc bản khôi phục thiếu.",
    en="Not started: DVK_TRUST is {pinned}, but trust never began in this log. It may be another "
    "log, or a backup from before.",
)
TRUST_NEEDED = declare(
    "trust_needed",
    500,
    vi="Không khởi động: DVK_HOST={host} mở cho máy khác, mà sổ cái chưa bắt đầu chế độ ký, nên ai "
    "cũng ghi được. Hãy chạy dvk trust begin trước, hoặc chỉ mở trên máy này.",
    en="Not started: DVK_HOST={host} is open to other machines and trust has not begun, so that "
    "anyone could write. Run dvk trust begin first, or listen on loopback.",
)


def require_pinned_trust(settings: Settings, log: EventLog) -> None:
    """Raise `SystemExit` if the log's beginning of trust is not the pinned one.

    A service that other machines reach needs one: otherwise all of them could write in any name.
    """
    events = log.streams([TrustBegan.STREAM])
    found, pinned = (events[0].digest.hex() if events else None), settings.trust
    problem = None
    if found is not None and found != pinned:
        problem = Problem(OTHER_TRUST, {"found": found, "pinned": pinned or "–"})
    elif found is None and pinned is not None:
        problem = Problem(TRUST_MISSING, {"pinned": pinned})
    elif found is None and not is_loopback(settings.host):
        problem = Problem(TRUST_NEEDED, {"host": settings.host})
    if problem is not None:
        vietnamese = problem.rule.words("vi", problem.params)
        raise SystemExit(f"{vietnamese}\n{LedgerError(problem)}")
