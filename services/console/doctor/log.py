"""The log: reachable, of this release, without gaps, with an intact chain and a free lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, make_url, select

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.clock import MICROSECONDS, Clock
from shared.eventlog.checkpoint import LogPosition
from shared.eventlog.migrations import STEPS
from shared.eventlog.redacting import is_as_recorded
from shared.eventlog.tables import EVENTS, SCHEMA
from shared.events.envelope import NO_CHAIN, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from shared.eventlog.protocol import Reader

LAST = 10_000
"""The number of events at the end to verify unless all are requested."""
AHEAD_SECONDS = 5.0
_RUN = 2_000
_RESTORE = "docs/operations.md#back-up-and-restore"
_UPGRADE = {"sqlite": "dvk up", "postgresql": "docker compose up database"}
_PROOF = Bilingual(
    "Chuỗi băm chứng minh rằng không ai sửa sổ.", "The chain proves that the log was not changed."
)


def file_is_missing(url: str) -> Finding | None:
    """Report that the file of a SQLite log is missing, or return None."""
    path = Path(make_url(url).database or "")
    if not url.startswith("sqlite") or (path.exists() and path.stat().st_size):
        return None
    return broken(
        "log",
        Bilingual(f"không có tệp sổ {path}", f"there is no log at {path}"),
        Bilingual(
            "Sổ là thứ duy nhất không làm lại được.", "The log is all that cannot be made again."
        ),
        Bilingual(
            "Đặt DVK_HOME hoặc DATABASE_URL đúng sổ; nếu tệp đã mất, phục hồi bản sao lưu:",
            "Set DVK_HOME or DATABASE_URL to the ledger; if the file is lost, restore a backup:",
        ),
        _RESTORE,
    )


def unreachable(reason: str) -> Finding:
    """Report that the database of the log does not answer."""
    return broken(
        "log",
        Bilingual(
            f"cơ sở dữ liệu không trả lời: {reason}", f"the database does not answer: {reason}"
        ),
        Bilingual(
            "Mọi dịch vụ trả lời 503; người gửi phải gửi lại.",
            "Every service answers 503; publishers send again.",
        ),
        Bilingual(
            "Chạy cơ sở dữ liệu, kiểm tra DATABASE_URL và mật khẩu; dịch vụ tự nối lại.",
            "Start the database, check DATABASE_URL and its password; services reconnect alone.",
        ),
    )


def check_log(
    connection: Connection, reader: Reader, *, clock: Clock, deep: bool
) -> Iterator[Finding]:
    """Check the tables, the positions, the chain and the clock of the log."""
    schema = check_schema(connection)
    yield schema
    if schema.level:
        return
    head = reader.head()
    yield well(
        "log",
        f"sổ có {number(head.position)} sự kiện",
        f"the log holds {number_en(head.position)} events",
    )
    yield check_positions(connection)
    yield check_chain(reader, head.position, deep=deep)
    yield check_clock(head.recorded_us, clock())


def check_schema(connection: Connection) -> Finding:
    """Compare the schema version with this release."""
    there, wanted = 0, max(STEPS)
    if inspect(connection).has_table(SCHEMA.name):
        there = connection.execute(select(func.max(SCHEMA.c.version))).scalar() or 0
    if there == wanted:
        return well("schema", f"lược đồ số {there}", f"schema {there}")
    newer = there > wanted
    return broken(
        "schema",
        Bilingual(f"lược đồ số {there}, bản này cần {wanted}", f"schema {there}, wanted {wanted}"),
        Bilingual("Hai bản phát hành không khớp nhau.", "Release and database do not match."),
        Bilingual("Cài bản phát hành mới hơn.", "Install the newer release.")
        if newer
        else Bilingual("Nâng cấp lược đồ:", "Upgrade the schema:"),
        *(() if newer else (_UPGRADE[connection.dialect.name],)),
    )


def check_positions(connection: Connection) -> Finding:
    """Compare the count with the last position: without gaps they are equal."""
    position = EVENTS.c.position
    query = select(func.count(), func.min(position), func.max(position)).select_from(EVENTS)
    count, first, last = connection.execute(query).one()
    if not count or (first, last) == (1, count):
        return well("positions", "vị trí liền nhau", "positions are contiguous")
    return broken(
        "positions",
        Bilingual(
            f"{number(count)} sự kiện nhưng vị trí từ {number(first)} đến {number(last)}",
            f"{number_en(count)} events, yet positions from {number_en(first)} to "
            f"{number_en(last)}",
        ),
        Bilingual("Có sự kiện bị xóa khỏi sổ.", "Events were removed from the log."),
        Bilingual(
            "Dừng các dịch vụ, giữ tệp làm chứng, phục hồi:", "Stop, keep it as proof, restore:"
        ),
        _RESTORE,
    )


def check_chain(reader: Reader, head: int, *, deep: bool) -> Finding:
    """Recompute digest and chain of the last events, or of all."""
    after = 0 if deep else max(0, head - LAST)
    begin = reader.at(after)
    reached = LogPosition(after, begin.chain if begin and after else NO_CHAIN)
    while reached.position < head:
        events = reader.read(reached.position, _RUN)
        for event in events:
            chain = link(reached.chain, event.position, event.recorded_us, event.digest)
            follows = event.position == reached.position + 1 and chain == event.chain
            if not follows or not is_as_recorded(reader, event):
                return _chain_is_broken(event.position)
            reached = LogPosition(event.position, chain)
        if not events:
            return _chain_is_broken(reached.position + 1)
    count = head - after
    rest = (
        Bilingual("", "") if deep or not after else Bilingual("; tất cả: --deep", "; all: --deep")
    )
    return well(
        "chain",
        f"đã kiểm {number(count)} sự kiện{rest.vi}",
        f"{number_en(count)} events verified{rest.en}",
    )


def _chain_is_broken(position: int) -> Finding:
    return broken(
        "chain",
        Bilingual(
            f"chuỗi băm đứt tại vị trí {number(position)}",
            f"the chain breaks at position {number_en(position)}",
        ),
        _PROOF,
        Bilingual(
            "Dừng các dịch vụ, giữ tệp làm chứng, so với bản sao lưu rồi phục hồi:",
            "Stop the services, keep the file as proof, compare with a backup, restore:",
        ),
        _RESTORE,
    )


def check_clock(recorded_us: int, now_us: int) -> Finding:
    """Compare the last recorded time with this clock: one fast clock sets the time for all."""
    ahead = (recorded_us - now_us) / MICROSECONDS
    if ahead <= AHEAD_SECONDS:
        return well("clock", "đồng hồ không chậm hơn sổ", "this clock is not behind the log")
    return look(
        "clock",
        Bilingual(
            f"sự kiện cuối ghi ở tương lai {number(ahead)} giây",
            f"the last event was recorded {number_en(ahead)} s in the future",
        ),
        Bilingual(
            "Đồng hồ máy này chậm, hoặc máy ghi chạy nhanh: thời điểm ghi sẽ sai.",
            "This clock is slow or a writer's is fast: recorded times are wrong meanwhile.",
        ),
        Bilingual("Bật đồng bộ thời gian trên mọi máy:", "Synchronise the time on every machine:"),
        "timedatectl status",
    )
