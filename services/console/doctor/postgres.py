"""PostgreSQL: the settings for durability, free connections, roles and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.eventlog.tables import EVENTS, type_column
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

NEEDED_CONNECTIONS = 20
IDLE_SECONDS = 10
_BEHIND = "docs/operations.md#followerbehind"
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
_LOSS = Bilingual(
    "Mất điện có thể làm mất sự kiện đã báo nhận, hoặc hỏng cả cơ sở dữ liệu.",
    "A power cut may lose events that were acknowledged, or break the whole database.",
)
_ROLES = text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname LIKE 'dvk\\_%'")
_SEES_ALL = text("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER')")
_IDLE = text(
    "SELECT pid, usename, extract(epoch FROM clock_timestamp() - state_change) AS seconds"
    " FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    " AND clock_timestamp() - state_change > make_interval(secs => :seconds)"
    " ORDER BY state_change LIMIT 1"
)
_REPLICA = text(
    "SELECT pg_is_wal_replay_paused() AS paused,"
    " EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AS receives,"
    " pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() AS has_all,"
    " coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)"
    "   AS seconds"
)


def check_postgres(connection: Connection) -> Iterator[Finding]:
    """Check the settings of the server and the privileges of each role."""
    yield check_durability(connection)
    yield check_connections(connection)
    yield check_idle(connection)
    yield check_roles(connection)
    yield from check_replica(connection)


def check_durability(connection: Connection) -> Finding:
    """Check that a commit is on disk when it is acknowledged."""
    found = {name: str(connection.scalar(text(f"SHOW {name}"))) for name in _DURABLE}
    off = [name for name, value in found.items() if value == "off"]
    if not off:
        return well("durability", "bền khi mất điện", "commits survive a power cut")
    listed = ", ".join(f"{name} = off" for name in off)
    return broken(
        "durability",
        Bilingual(listed, listed),
        _LOSS,
        *(f"psql --command 'ALTER SYSTEM SET {name} = on'" for name in off),
        "psql --command 'SELECT pg_reload_conf()'",
    )


def check_connections(connection: Connection) -> Finding:
    """Check for free connections: every service has a pool; a replacement needs one more."""
    most = int(str(connection.scalar(text("SHOW max_connections"))))
    used = int(connection.scalar(text("SELECT count(*) FROM pg_stat_activity")) or 0)
    found = Bilingual(
        f"{number(used)} trên {number(most)} kết nối",
        f"{number_en(used)} of {number_en(most)} connections",
    )
    if most - used >= NEEDED_CONNECTIONS:
        return well("connections", *found)
    return look(
        "connections",
        found,
        Bilingual("Hết kết nối thì dịch vụ trả lời 503.", "Without one a service answers 503."),
        Bilingual("Xem ai giữ chúng:", "See which sessions use them:"),
        "psql --command 'SELECT usename, application_name, count(*) FROM pg_stat_activity"
        " GROUP BY 1, 2 ORDER BY 3 DESC'",
        Bilingual("rồi tăng max_connections.", "then raise max_connections."),
    )


def check_idle(connection: Connection) -> Finding:
    """Check for a session idle in a transaction: it keeps the server from vacuuming."""
    row = connection.execute(_IDLE, {"seconds": IDLE_SECONDS}).first()
    if row is None and not connection.scalar(_SEES_ALL):
        return well("sessions", "chỉ thấy được phiên của mình", "only its own sessions can be seen")
    if row is None:
        return well("sessions", "không phiên nào ngủ quên", "no session is idle in a transaction")
    who = f"{row.usename} (pid {row.pid})"
    return look(
        "sessions",
        Bilingual(
            f"{who} mở giao dịch rồi bỏ đó {number(row.seconds)} giây",
            f"{who} has left a transaction open for {number_en(row.seconds)} s",
        ),
        Bilingual(
            "Bảng phình ra, và có thể khóa việc nâng cấp.", "Tables bloat; upgrades may wait."
        ),
        Bilingual("Hỏi người đó, hoặc cắt phiên:", "Ask the user, or terminate it:"),
        f"psql --command 'SELECT pg_terminate_backend({row.pid})'",
    )


def check_replica(connection: Connection) -> Iterator[Finding]:
    """Check that a standby receives and replays; a primary has no such row."""
    if not connection.scalar(text("SELECT pg_is_in_recovery()")):
        return
    row = connection.execute(_REPLICA).one()
    if row.receives and row.has_all and not row.paused:
        yield well("replica", "nhận và đọc kịp bản chính", "receives and has replayed all")
        return
    last = Bilingual(
        f"giao dịch cuối từ {number(row.seconds)} giây trước",
        f"the last transaction is from {number_en(row.seconds)} s ago",
    )
    paused = Bilingual("ngừng đọc lại", "its replay is paused")
    lost = Bilingual("không nối tới bản chính", "it has no connection to the primary")
    late = Bilingual("chưa đọc lại hết những gì đã nhận", "it has not replayed all it received")
    found = paused if row.paused else late if row.receives else lost
    yield look(
        "replica",
        Bilingual(f"{found.vi}; {last.vi}", f"{found.en}; {last.en}"),
        Bilingual(
            "Quá một phút thì tiến trình theo dõi không trả lời về hiện tại.",
            "After a minute a follower does not answer for the present.",
        ),
        *(
            ("psql --command 'SELECT pg_wal_replay_resume()'",)
            if row.paused
            else (Bilingual("Tìm nguyên nhân theo:", "Find the cause by:"), _BEHIND)
        ),
    )


def check_roles(connection: Connection) -> Finding:
    """Compare the privileges with deploy/postgres: each role inserts only its own family."""
    roles = {str(name): bool(is_super) for name, is_super in connection.execute(_ROLES)}
    wanted = {f"dvk_{family}": family for family in Family}
    if not roles.keys() & wanted.keys():
        return look(
            "roles",
            Bilingual(
                "không có vai trò riêng cho từng dịch vụ", "the services have no roles of their own"
            ),
            Bilingual(
                "Cơ sở dữ liệu không ngăn được dịch vụ sửa sổ.",
                "The database does not keep a service from changing the log.",
            ),
            Bilingual(
                "Cho trung tâm dữ liệu: tạo vai trò bằng", "In a data centre create them with"
            ),
            "psql --file deploy/postgres/10-roles.sql",
        )
    wrong = [
        fault
        for role, family in wanted.items()
        for fault in _wrong(connection, role, family, roles)
    ]
    if not wrong:
        return well("roles", "mỗi vai trò chỉ ghi phần của mình", "each role appends its own only")
    listed = "; ".join(wrong)
    return broken(
        "roles",
        Bilingual(listed, listed),
        Bilingual(
            "Quyền thừa cho phép sửa sổ; quyền thiếu làm dịch vụ trả lời 503.",
            "With more a role can change the log; with less its service answers 503.",
        ),
        Bilingual(
            "Thu quyền thừa (REVOKE), rồi cấp lại:", "REVOKE what is too much, then grant again:"
        ),
        "python deploy/postgres/prepare.py",
    )


def _wrong(
    connection: Connection, role: str, family: Family, roles: dict[str, bool]
) -> Iterator[str]:
    if role not in roles:
        yield f"{role}: không có · missing"
        return
    if roles[role]:
        yield f"{role}: SUPERUSER"
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        if _may(connection, "has_table_privilege", role, EVENTS.name, right):
            yield f"{role}: {right} {EVENTS.name}"
    for other in Family:
        column = f"{EVENTS.name}', '{type_column(other)}"
        may = _may(connection, "has_column_privilege", role, column, "INSERT")
        if may and other is not family:
            yield f"{role}: INSERT {type_column(other)}"
        if not may and other is family:
            yield f"{role}: INSERT {type_column(other)} (thiếu · missing)"


def _may(connection: Connection, ask: str, role: str, what: str, right: str) -> bool:
    """Query a privilege; all arguments are constants of this program, none is input."""
    return bool(connection.scalar(text(f"SELECT {ask}('{role}', '{what}', '{right}')")))
