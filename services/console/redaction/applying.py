"""The work of `dvk redact apply`: records are replaced, and what else has them is cleaned.

It needs the rights of the owner of the databases. Running it again changes nothing.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from services.console.commands.complaints import complain
from services.console.doctor.redis import address_of
from services.console.local.version_checks import file_of
from services.console.output.texts import Terminal, number, number_en, said_on
from shared.bus.connections import connect
from shared.bus.streams import EVENTS, FIELD_EVENT, entry_id
from shared.errors import LedgerError
from shared.eventlog.redacting import forget_old_pages, replace_records
from shared.eventlog.sql import open_log
from shared.events.redacted_record import original_digest
from shared.readmodel import checkpoints
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.settings import Settings

_READ_MODELS_BEHIND = (
    "Bảng tổng hợp chưa đọc tới việc che: chạy lại lệnh này khi đã theo kịp.",
    "The read models have not reached the redaction: run this again when they have caught up.",
)


def apply(settings: Settings, console: Terminal) -> int:
    """Replace the records of redacted events; 0 done, 2 impossible, 3 to be run again."""
    say = said_on(console)
    try:
        with closing(open_log(settings.log_url, family=None)) as log:
            done = replace_records(log)
            redacted, last = log.redacted_positions()
    except (LedgerError, SQLAlchemyError) as error:
        complain(console, error)
        return 2
    say(
        f"Đã thay {number(len(done))} bản ghi; sổ có {number(len(redacted))} sự kiện đã che.",
        f"{number_en(len(done))} records are replaced; the log has {number_en(len(redacted))} "
        "redacted events.",
    )
    if not redacted:
        return 0
    left = [_redis_keeps(settings, redacted)]
    if settings.database_url is None:
        try:
            left += [_files_keep(settings, last)]
        except LedgerError as error:
            complain(console, error)
            return 3
    else:
        say(
            "PostgreSQL: hãy chạy VACUUM FULL các bảng; WAL và bản sao lưu cũ hết hạn sau "
            "(docs/operations.md).",
            "PostgreSQL: run VACUUM FULL on the tables; older WAL and backups expire later "
            "(docs/operations.md).",
        )
    for each in left:
        if each is not None:
            say(*each)
    return 3 if any(left) else 0


def _redis_keeps(settings: Settings, positions: Sequence[int]) -> tuple[str, str] | None:
    """Delete the stream of the log and rewrite the file of Redis; return what to say if that fails.

    The relay sends the stream again from the log. To delete single entries would only mark them.
    """
    url = address_of(settings)
    try:
        if url is not None:
            with connect(url) as redis:
                ids = [entry_id(position) for position in positions]
                found = [entry for each in ids for entry in redis.xrange(EVENTS, each, each)]
                items = [fields[FIELD_EVENT.encode()] for _, fields in found]
                if any(original_digest(item) is None for item in items):
                    redis.delete(EVENTS)
                redis.bgrewriteaof()
    except RedisError as error:
        return (
            f"Redis chưa xóa được: {type(error).__name__}; hãy chạy lại khi Redis chạy.",
            "Redis has not deleted them: run this again when it answers.",
        )
    return None


def _files_keep(settings: Settings, last: int) -> tuple[str, str] | None:
    """Rewrite the files without their old pages; return what to say if it must be done later."""
    if file_of(settings.reporting_url).exists():
        with closing(Store(settings.reporting_url)) as store:
            with store.reading() as connection:
                reached = [each.position for each in checkpoints.load(connection).values()]
            if min(reached, default=0) < last:
                return _READ_MODELS_BEHIND
            with store.autocommit_connection() as connection:
                forget_old_pages(connection)
    with closing(Store(settings.log_url)) as log, log.autocommit_connection() as connection:
        forget_old_pages(connection)
    return None
