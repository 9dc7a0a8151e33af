"""The holder of the append lock: normal for a moment, but for seconds it blocks every append."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import text

from services.console.doctor.finding import Bilingual, Finding, broken, well
from services.console.output.texts import number, number_en
from shared.eventlog.dialects import APPEND_LOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

LOOKS = 30
PAUSE_SECONDS = 0.05
_LOCKS = Path("/proc/locks")
_STOPPED = {"T", "t"}
_FREE = ("khóa ghi được trả ngay", "the append lock is given back at once")
_WHY = Bilingual(
    "Không ai ghi được sổ chừng nào khóa còn bị giữ; người gửi nhận 503.",
    "Nothing can be appended while it is held; publishers get 503.",
)
_HOLDERS = text(
    "SELECT a.pid, l.virtualtransaction AS turn, a.usename, a.application_name, a.state,"
    " extract(epoch FROM clock_timestamp() - a.xact_start) AS seconds,"
    " (a.wait_event = 'SyncRep' OR (a.wait_event IS NULL"
    "   AND current_setting('synchronous_standby_names') <> ''"
    "   AND NOT EXISTS (SELECT 1 FROM pg_stat_replication))) AS standby_away,"
    " (SELECT count(*) FROM pg_locks w WHERE w.locktype = 'advisory' AND NOT w.granted"
    "   AND w.objid = :key AND w.classid = 0) AS waiting"
    " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = :key"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Holder(NamedTuple):
    """A process that holds the file lock; its `state` is "T" when it was stopped."""

    pid: int
    command: str
    state: str


def check_file_lock(
    lock: Path,
    head: Callable[[], int],
    *,
    looks: int = LOOKS,
    pause: Callable[[float], object] = time.sleep,
) -> Finding:
    """Check whether one process holds the lock file for a while and the log does not grow.

    Locks are only read (/proc/locks), never tried: a try would get in the way of a writer.
    """
    began = head()
    if not _LOCKS.exists():
        return well("lock", "hệ điều hành không cho xem khóa", "this system does not show locks")
    holder = None
    for n in range(looks):
        if n:
            pause(PAUSE_SECONDS)
        pid = next(_holders(lock), None)
        if pid is None or (holder is not None and pid != holder):
            return well("lock", *_FREE)
        holder = pid
    if head() != began:
        return well("lock", *_FREE)  # a busy writer that takes the lock again and again
    return _held(_process(holder or 0), looks * PAUSE_SECONDS)


def check_server_lock(
    connection: Connection, *, looks: int = LOOKS, pause: Callable[[float], object] = time.sleep
) -> Finding:
    """Check whether one transaction holds the advisory lock for a while.

    Only a superuser or a member of `pg_read_all_stats` sees since when it is held.
    """
    first = row = connection.execute(_HOLDERS, {"key": APPEND_LOCK}).first()
    for _ in range(looks):
        if first is None or row is None or row.turn != first.turn:
            return well("lock", *_FREE)
        pause(PAUSE_SECONDS)
        row = connection.execute(_HOLDERS, {"key": APPEND_LOCK}).first()
    return _held_on_server(row or first, looks * PAUSE_SECONDS)


def _held_on_server(row: Any, least: float) -> Finding:  # noqa: ANN401  a row of the query
    who = f"{row.usename} ({row.application_name}, pid {row.pid}, {row.state or '?'})"
    seconds = max(float(row.seconds or 0), least)
    if row.standby_away:
        return _standby_is_away(seconds)
    return broken(
        "lock",
        Bilingual(
            f"{who} giữ khóa ghi {number(seconds, 1)} giây; {number(row.waiting)} phiên đang chờ",
            f"{who} has held the append lock for {number_en(seconds, 1)} s; "
            f"{number_en(row.waiting)} wait",
        ),
        _WHY,
        Bilingual("Cắt phiên đó (chưa gì được ghi):", "Terminate it (nothing of it is committed):"),
        f"psql --command 'SELECT pg_terminate_backend({row.pid})'",
    )


def _standby_is_away(seconds: float) -> Finding:
    return broken(
        "lock",
        Bilingual(
            f"việc ghi đã chờ máy dự phòng đồng bộ {number(seconds, 1)} giây",
            f"a commit has waited for a synchronous standby for {number_en(seconds, 1)} s",
        ),
        _WHY,
        Bilingual(
            "Chạy lại máy dự phòng; đừng cắt phiên đang chờ: nó sẽ ghi mà máy dự phòng không có.",
            "Start the standby again; do not end the session that waits: it would commit without.",
        ),
        Bilingual(
            "Nếu máy dự phòng đã mất, ghi không cần nó:", "If it is lost, go on without a standby:"
        ),
        """psql --command "ALTER SYSTEM SET synchronous_standby_names = ''\"""",
        "psql --command 'SELECT pg_reload_conf()'",
    )


def _held(holder: Holder, seconds: float) -> Finding:
    who = f"{holder.command or '?'} (pid {holder.pid})"
    stopped = holder.state in _STOPPED
    steps = (
        (
            Bilingual("Tiến trình đang bị dừng. Cho nó chạy tiếp:", "It is stopped. Resume it:"),
            f"kill -CONT {holder.pid}",
        )
        if stopped
        else ()
    )
    state = Bilingual(" và đang bị dừng", " and is stopped") if stopped else Bilingual("", "")
    return broken(
        "lock",
        Bilingual(
            f"{who} giữ khóa ghi suốt {number(seconds, 1)} giây{state.vi}",
            f"{who} held the append lock for all of {number_en(seconds, 1)} s{state.en}",
        ),
        _WHY,
        *steps,
        Bilingual("Hoặc kết thúc nó; dịch vụ được chạy lại:", "Or end it; it is started again:"),
        f"kill -KILL {holder.pid}",
    )


def _holders(lock: Path) -> Iterator[int]:
    """Yield the holders of the file lock: `1: FLOCK ADVISORY WRITE pid major:minor:inode 0 EOF`."""
    try:
        there = lock.stat()
    except OSError:
        return
    for line in _LOCKS.read_text().splitlines():
        words = line.split()
        if words[1] != "FLOCK" or words[3] != "WRITE":
            continue
        major, minor, inode = words[5].split(":")
        device = os.makedev(int(major, 16), int(minor, 16))
        if (device, int(inode)) == (there.st_dev, there.st_ino):
            yield int(words[4])


def _process(pid: int) -> Holder:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return Holder(pid, "", "")
    return Holder(pid, command[:80], state)
