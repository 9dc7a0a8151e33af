"""The limit of a live projection: a loop that reads a stream, inserts rows and acknowledges."""

from __future__ import annotations

from time import perf_counter

import psycopg
from redis import Redis

from shared.bus.streams import EVENTS, FIELD_EVENT
from tests.support.databases import psycopg_address

AT_ONCE = 500


def loop(redis_url: str, database_url: str, count: int) -> float:
    """Move `count` entries of `dvk:events` into a table, exactly as they are; events a second.

    One transaction and one acknowledgement for each 500 entries; nothing is decoded or decided.
    """
    group = f"bare-{perf_counter()}"
    with (
        Redis.from_url(redis_url, protocol=2) as redis,
        psycopg.connect(psycopg_address(database_url)) as connection,
    ):
        connection.execute("DROP TABLE IF EXISTS bare_rows")
        connection.execute("CREATE TABLE bare_rows (id text PRIMARY KEY, item bytea)")
        connection.commit()
        redis.xgroup_create(EVENTS, group, id="0")
        started, seen = perf_counter(), 0
        while seen < count:
            ((_, entries),) = redis.xreadgroup(group, "one", {EVENTS: ">"}, count=AT_ONCE)
            with connection.cursor() as cursor, cursor.copy("COPY bare_rows FROM STDIN") as copy:
                for name, fields in entries:
                    copy.write_row((name.decode(), fields[FIELD_EVENT.encode()]))
            connection.commit()
            redis.xack(EVENTS, group, *(name for name, _ in entries))
            seen += len(entries)
        return seen / (perf_counter() - started)
