"""The users that `dvk redis-acl` writes, on a real server: what each may do, and nothing else."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
from redis.retry import Retry
from typer.testing import CliRunner

from services.console.main import app
from services.console.trust.beginning import begin
from services.console.trust.redis_acl import UnusablePasswords, acl_lines
from shared.settings import Settings
from tests.support.bus_pipeline import until
from tests.support.cloudevents import COUNTRY
from tests.support.listening_service import serving
from tests.support.publisher_streams import OF_A, OF_B, SHARED, PublisherStreams, entry, registers
from tests.support.redis_server import RedisServer
from tests.support.trusted import REALM, key_of, signed

pytestmark = pytest.mark.redis
USERS = ("registry", "evaluation", "reporting", "operator", "publisher-p-a", "publisher-p-b")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


PASSWORDS = "".join(f"{name} {sha256(f'of-{name}')}\n" for name in USERS)


class ServerWithUsers(RedisServer):
    """A server with the users of an ACL file."""

    @property
    def url(self) -> str:
        return f"redis://operator:of-operator@127.0.0.1:{self.port}/0"

    def _write_configuration(self) -> Path:
        path = super()._write_configuration()
        passwords, users = self.directory / "passwords", self.directory / "users.acl"
        passwords.write_text(PASSWORDS)
        printed = CliRunner().invoke(app, ["redis-acl", str(passwords)])
        assert printed.exit_code == 0, printed.output
        users.write_text(printed.output)
        text = path.read_text("utf-8")
        path.write_text(text.replace(f"requirepass {self.password}", f"aclfile {users}"))
        return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Give a server with these users, whose default user is off."""
    running = ServerWithUsers(tmp_path_factory.mktemp("redis") / "data")
    running.start()
    yield running
    running.kill()


@contextmanager
def client_of(server: RedisServer, user: str | None, password: str | None = None) -> Iterator[Any]:
    with Redis(
        port=server.port,
        username=user,
        password=password or (user and f"of-{user}"),
        retry=Retry(NoBackoff(), 0),
    ) as client:
        yield client


@pytest.fixture
def ledger(server: RedisServer) -> Iterator[PublisherStreams]:
    """Give a registry that signs in as the service does."""
    with client_of(server, "operator") as operator:
        operator.flushall()
        for publisher in ("publisher-p-a", "publisher-p-b"):
            operator.acl_setuser(publisher, enabled=True)
    with client_of(server, "registry") as redis:
        yield PublisherStreams(redis, most_entries=20, most_bytes=100_000)


def test_a_publisher_sends_and_reads_its_receipts_and_the_service_answers(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    with client_of(server, "publisher-p-a") as mine:
        mine.xadd(OF_A, entry(registers("1", "a1", "p-a")))
        assert ledger.intake.step() == 1
        ((name, found),) = mine.xread({"dvk:receipts:p-a": "0"}, block=10)
        assert (name, len(found)) == (b"dvk:receipts:p-a", 1)
    assert ledger.accepted() == ["p-a-1"]


@pytest.mark.parametrize(
    "command",
    [
        ("XADD", OF_B, "*", "event", "{}"),
        ("XADD", SHARED, "*", "event", "{}"),
        ("XADD", "dvk:events", "*", "event", "{}"),
        ("XADD", "dvk:receipts:p-b", "*", "item", "{}"),
        ("XADD", "dvk:receipts:_unreadable", "*", "item", "{}"),
        ("XREAD", "STREAMS", OF_B, "0"),
        ("XREAD", "STREAMS", "dvk:events", "0"),
        ("XREAD", "STREAMS", "dvk:receipts:p-b", "0"),
        ("XREAD", "STREAMS", OF_A, OF_B, "0", "0"),
        ("XRANGE", OF_A, "-", "+"),
        ("XTRIM", OF_A, "MAXLEN", "0"),
        ("XDEL", OF_A, "1-0"),
        ("XGROUP", "CREATE", OF_A, "g", "$", "MKSTREAM"),
        ("DEL", OF_A),
        ("SET", OF_A, "x"),
        ("RENAME", OF_A, "dvk:receipts:p-a"),
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("EVAL", "return redis.call('FLUSHALL')", "0"),
        ("CONFIG", "GET", "requirepass"),
        ("ACL", "LIST"),
        ("ACL", "SETUSER", "publisher-p-a", "+@all"),
        ("MONITOR",),
        ("SUBSCRIBE", "x"),
        ("PUBLISH", "x", "y"),
        ("KEYS", "*"),
        ("SCAN", "0"),
        ("CLIENT", "LIST"),
        ("CLIENT", "KILL", "USER", "publisher-p-b"),
        ("SHUTDOWN",),
        ("SELECT", "1"),
        ("MULTI",),
        ("SAVE",),
        ("REPLICAOF", "NO", "ONE"),
    ],
    ids=" ".join,
)
def test_a_publisher_may_do_nothing_else(server: RedisServer, command: tuple[str, ...]) -> None:
    with client_of(server, "publisher-p-a") as mine, pytest.raises(NoPermissionError):
        mine.execute_command(*command)


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (None, None),
        ("default", ""),
        ("default", "of-default"),
        ("publisher-p-a", "of-publisher-p-b"),
        ("publisher-p-a", sha256("of-publisher-p-a")),
        ("publisher-p-c", "of-publisher-p-c"),
    ],
)
def test_nobody_signs_in_with_another_password_or_as_the_default_user(
    server: RedisServer, user: str | None, password: str | None
) -> None:
    refused = pytest.raises((AuthenticationError, ResponseError))
    with client_of(server, user, password) as stranger, refused:
        stranger.xadd(OF_A, {"event": "{}"})


def test_a_service_may_not_touch_the_intake_of_another(server: RedisServer) -> None:
    with client_of(server, "registry") as registry:
        for command in (
            ("XADD", "dvk:intake:evaluation:p-a", "*", "event", "{}"),
            ("DEL", "dvk:intake:evaluation:p-a"),
            ("SET", "other", "x"),
            ("FLUSHALL",),
            ("CONFIG", "SET", "maxmemory", "0"),
        ):
            with pytest.raises(NoPermissionError):
                registry.execute_command(*command)


def test_a_stream_with_too_many_entries_has_its_user_switched_off_and_the_others_go_on(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine, client_of(server, "publisher-p-b") as other:
        for number in range(21):
            mine.xadd(OF_A, entry(registers(str(number), "a1", "p-a")))
        other.xadd(OF_B, entry(registers("1", "b1", "p-b")))
        ledger.look()
        assert ledger.limits.switched_off == {"p-a"}
        with pytest.raises(RedisError):
            mine.xadd(OF_A, {"event": "{}"})
        other.xadd(OF_B, entry(registers("2", "b1", "p-b")))
        ledger.drain()
        assert ledger.receipts_of("p-b") == [("p-b-1", "accepted"), ("p-b-2", "accepted")]
        assert len(ledger.receipts_of("p-a")) == 21, "what came before is answered"
        with client_of(server, "operator") as operator:
            operator.acl_setuser("publisher-p-a", enabled=True)
        ledger.look()
        assert ledger.limits.switched_off == set()
        assert mine.xadd(OF_A, entry(registers("22", "a1", "p-a")))


def test_a_stream_with_too_many_bytes_has_its_user_switched_off(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine:
        mine.xadd(OF_A, {"event": b"x" * 200_000})
        ledger.look()
        assert ledger.limits.switched_off == {"p-a"}
        with pytest.raises(RedisError):
            mine.xadd(OF_A, {"event": "{}"})


def test_receipts_that_their_publisher_blew_up_are_trimmed(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine:
        for _ in range(10):
            mine.xadd("dvk:receipts:p-a", {"item": b"x" * 20_000})
        ledger.look()
        assert ledger.redis.xlen("dvk:receipts:p-a") == 5
        assert ledger.limits.switched_off == set()


async def test_a_whole_service_runs_as_its_own_user(server: RedisServer, tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    digest = begin(settings, REALM, {"p-a": key_of("p-a")}, 1)
    url = f"redis://registry:of-registry@127.0.0.1:{server.port}/0"
    with client_of(server, "operator") as operator, client_of(server, "publisher-p-a") as mine:
        operator.flushall()
        operator.acl_log_reset()
        operator.acl_setuser("publisher-p-a", enabled=True)
        async with serving(tmp_path, DVK_TRUST=digest, REDIS_URL=url):
            opened = {**COUNTRY, "occurred_on": "2004-01-01"}
            mine.xadd(OF_A, entry(signed("UnitOpened", opened, "p-a")))
            await until(lambda: operator.xlen("dvk:receipts:p-a") == 1)
            await until(lambda: operator.xlen("dvk:events") == 2)
        listed = operator.acl_log()
    # A client says which library it is, where the server lets it.
    refused = {each["object"] for each in listed if each["username"] == "registry"}
    assert refused <= {"client"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (f"registry {sha256('x')}\n", "evaluation, reporting, operator"),
        (f"{PASSWORDS}publisher-p-a {sha256('x')}\n", "publisher-p-a is repeated"),
        (f"{PASSWORDS}publisher-hue password\n", "SHA-256"),
        (f"{PASSWORDS}publisher-hue {sha256('x').upper()}\n", "SHA-256"),
        (f"{PASSWORDS}publisher-.. {sha256('x')}\n", "publisher-.."),
        (f"{PASSWORDS}publisher-Hue {sha256('x')}\n", "publisher-Hue"),
        (f"{PASSWORDS}publisher-* {sha256('x')}\n", "publisher-*"),
        (f"{PASSWORDS}default {sha256('x')}\n", "default"),
    ],
)
def test_a_list_of_passwords_that_is_wrong_makes_no_file(
    tmp_path: Path, lines: str, said: str
) -> None:
    (tmp_path / "passwords").write_text(lines)
    with pytest.raises(UnusablePasswords):
        acl_lines(lines)
    printed = CliRunner().invoke(app, ["redis-acl", str(tmp_path / "passwords")])
    assert printed.exit_code == 2
    assert said in printed.stderr
    assert printed.stdout == ""


def test_passwords_are_in_the_file_as_sha_256_and_no_publisher_has_a_pattern() -> None:
    lines = acl_lines(PASSWORDS)
    assert lines[0] == "user default reset off"
    of_a = next(line for line in lines if line.startswith("user publisher-p-a "))
    assert f"#{sha256('of-publisher-p-a')}" in of_a.split()
    assert "of-publisher" not in "\n".join(lines)
    assert "*" not in of_a
    assert {word for word in of_a.split() if word.startswith("~")} == {
        *(f"~dvk:intake:{family}:p-a" for family in ("registry", "evaluation", "reporting")),
        "~dvk:receipts:p-a",
    }
