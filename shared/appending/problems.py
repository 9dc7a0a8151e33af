"""Problems raised by the log itself, before the rules of a service (events.md, Accepting)."""

from collections.abc import Iterable

from shared.errors import Problem, declare
from shared.eventlog.protocol import Reference
from shared.events.envelope import ReceivedEvent

ID_REUSED = declare(
    "id_reused",
    409,
    vi="Mã {id} của {source} đã dùng cho một sự kiện có nội dung khác (vị trí {position}). "
    "Sự kiện mới cần mã mới.",
    en="The id {id} of {source} was used for an event with other content (position {position}). "
    "A new event needs a new id.",
)
WRONG_VERSION = declare(
    "wrong_version",
    412,
    vi="Dòng {subject} có {actual} sự kiện, không phải {expected} như expectedversion đã nêu.",
    en="The stream {subject} holds {actual} events, not {expected} as expectedversion says.",
)
UNKNOWN_REFERENCE = declare(
    "unknown_reference",
    409,
    vi="Sự kiện nêu {references} chưa có trong sổ cái; "
    "vì có expectedversion nên sự kiện không được giữ chờ.",
    en="The event names {references}, not yet in the ledger; "
    "with expectedversion it cannot be parked.",
)
PARKED_EXPIRED = declare(
    "parked_expired",
    409,
    vi="Sự kiện đã chờ {references} hết thời hạn và bị từ chối.",
    en="The event waited for {references} until it expired, and is refused.",
)
TOO_MANY_PARKED = declare(
    "too_many_parked",
    429,
    vi="Đã có {waiting} sự kiện đang chờ điều mà chúng nêu, nên không nhận thêm sự kiện phải chờ. "
    "Hãy gửi {references} trước.",
    en="{waiting} events are parked already, and no more can be. Send {references} first.",
)
PARKED_QUOTA = declare(
    "parked_quota",
    429,
    vi="{publisher} đã có {waiting} sự kiện đang chờ điều mà chúng nêu, bằng phần của một nơi gửi. "
    "Hãy gửi {references} trước.",
    en="{publisher} has {waiting} events parked already, the share of a publisher. Send "
    "{references} first.",
)
LOG_RESTORED = declare(
    "log_restored",
    503,
    vi="Sổ cái không còn giữ lịch sử mà dịch vụ này đã đọc tới vị trí {position}: có lẽ đã được "
    "phục hồi về một bản cũ. Việc ghi dừng lại cho đến khi người vận hành khởi động lại dịch vụ.",
    en="The log no longer holds the history that this service had read up to position {position}: "
    "it seems restored to an older state. Appending stops until an operator restarts the service.",
)
PARKED_MOST = 50_000
"""Most parked events of one service: all are decided again at its start."""


def reused(event: ReceivedEvent, position: object) -> Problem:
    """Return the problem of an id that was used for other content."""
    params = {"id": event.key.id, "source": event.key.source, "position": position}
    return Problem(ID_REUSED, params)


def wrong_version(event: ReceivedEvent, actual: int) -> Problem:
    """Return the problem of a stream that is not at the expected version."""
    params = {"subject": event.subject, "expected": event.expected_version, "actual": actual}
    return Problem(WRONG_VERSION, params)


def named(references: Iterable[Reference]) -> str:
    """Return references as text."""
    return ", ".join(f"{reference.kind} {reference.id}" for reference in references)
