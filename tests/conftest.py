"""Fixtures that many tests ask for: the real servers (tests/support says where they come from)."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from shared.gc_control import gc_paused, tune_gc
from tests.support.databases import new_database
from tests.support.postgres_server import PostgresServer, own_postgres_server, postgres_address
from tests.support.redis_server import RedisServer, empty, own_redis_server, redis_address
from tests.support.sql_made_once import compile_statements_once, describe_tables_once

# The command speaks the language of its terminal; in tests it is never that of the machine.
os.environ["LC_ALL"] = "C.UTF-8"
# How long an example takes says something of the machine and of who else works on it.
settings.register_profile("ledger", deadline=None)
settings.load_profile("ledger")

SHARE_A_LEDGER = {
    f"tests/browser/test_{name}.py" for name in ("dashboard", "pages_behind", "ten_questions")
}


@pytest.fixture(scope="session", autouse=True)
def sql_made_once() -> Iterator[None]:
    """Describe tables and compile statements once, not for each test."""
    with pytest.MonkeyPatch.context() as patch:
        describe_tables_once(patch)
        compile_statements_once(patch)
        yield


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Give the address of a real Redis; tests that write take `fresh_redis`."""
    with redis_address() as url:
        yield url


@pytest.fixture
def fresh_redis(redis_url: str) -> str:
    """Give the address of a real Redis with nothing in it."""
    empty(redis_url)
    return redis_url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Give a Redis that belongs to this test: it may be killed, frozen, emptied, set back."""
    with own_redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the superuser's SQLAlchemy address of a real PostgreSQL."""
    with postgres_address() as url:
        yield url


@pytest.fixture(scope="module")
def make_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Give a function that creates one more empty database and returns its address."""
    with ExitStack() as databases:
        yield lambda: databases.enter_context(new_database(postgres_url))


@pytest.fixture(scope="module")
def fresh_database(make_database: Callable[[], str]) -> str:
    """Give the address of an empty database for this test module."""
    return make_database()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL cluster that belongs to this test: it may be killed and frozen."""
    with own_postgres_server() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage as seldom as the services do: a third of all the time went into it."""
    with gc_paused():
        found = yield
    tune_gc()
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let modules that share a running ledger be run by one worker, in their order."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  not without workers

    class BySharedLedger(LoadFileScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "tests/browser" if file in SHARE_A_LEDGER else file

    return BySharedLedger(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests have measured (their property `seen`), of whatever process they ran in."""
    reports = [
        each for name in ("passed", "failed") for each in terminalreporter.stats.get(name, ())
    ]
    seen = [(r.nodeid, text) for r in reports for name, text in r.user_properties if name == "seen"]
    if seen:
        terminalreporter.section("what was seen")
    for nodeid, text in seen:
        terminalreporter.line(f"{nodeid}: {text}")
