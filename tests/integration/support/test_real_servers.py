"""The servers that tests stand on are real, fresh, and can be made to fail."""

from collections.abc import Callable

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.support.databases import psycopg_address
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer


def answer(url: str, question: str) -> object:
    with psycopg.connect(psycopg_address(url), connect_timeout=5) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.postgres
def test_a_fresh_database_is_empty_and_real(fresh_database: str) -> None:
    assert "PostgreSQL" in str(answer(fresh_database, "select version()"))
    assert answer(fresh_database, "select count(*) from pg_tables where schemaname = 'public'") == 0
    assert answer(fresh_database, "show server_encoding") == "UTF8"


@pytest.mark.postgres
def test_another_database_shares_nothing(
    fresh_database: str, make_database: Callable[[], str]
) -> None:
    other = make_database()
    with psycopg.connect(psycopg_address(other)) as connection:
        connection.execute("create table mine (n int)")
    assert answer(fresh_database, "select to_regclass('mine')") is None


@pytest.mark.postgres
def test_a_killed_postgres_comes_back_with_what_was_committed(own_postgres: PostgresServer) -> None:
    with psycopg.connect(psycopg_address(own_postgres.url)) as connection:
        connection.execute("create table kept as select 1 as n")
    own_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        answer(own_postgres.url, "select 1")
    own_postgres.start()
    assert answer(own_postgres.url, "select n from kept") == 1


@pytest.mark.postgres
def test_a_frozen_postgres_answers_nobody_until_it_is_thawed(own_postgres: PostgresServer) -> None:
    own_postgres.freeze()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(psycopg_address(own_postgres.url), connect_timeout=2)
    own_postgres.thaw()
    assert answer(own_postgres.url, "select 1") == 1


@pytest.mark.redis
def test_a_fresh_redis_is_empty(fresh_redis: str) -> None:
    with Redis.from_url(fresh_redis) as client:
        assert client.dbsize() == 0


@pytest.mark.redis
def test_a_redis_can_be_frozen_wiped_and_set_back(own_redis: RedisServer) -> None:
    with own_redis.client() as client:
        client.set("first", 1)
        with own_redis.set_back():
            client.set("second", 2)
            assert client.dbsize() == 2
        assert client.keys() == [b"first"]
        own_redis.freeze()
        hasty = Redis.from_url(own_redis.url, socket_timeout=0.2, retry=None)
        with hasty, pytest.raises(RedisError):
            hasty.ping()
        own_redis.thaw()
        assert client.ping()
        own_redis.wipe()
        assert client.dbsize() == 0
