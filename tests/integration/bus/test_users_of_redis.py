"""The users that `dvk redis-acl` writes, on a real server: what each may do, and nothing else."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from typer.testing import CliRunner

from services.console.doctor.finding import Level
from services.console.doctor.redis import check_redis
from services.console.main import app
from services.console.trust.beginning import begin
from services.console.trust.redis_acl import UnusablePasswords, acl_lines
from shared.client.addresses import Addresses
from shared.client.delivery import Delivery
from shared.client.signed_reads import SignedReads
from shared.settings import Settings
from tests.support.bus_pipeline import until
from tests.support.cloudevents import COUNTRY
from tests.support.listening_service import serving
from tests.support.publisher_streams import OF_A, OF_B, SHARED, PublisherStreams, entry, registers
from tests.support.redis_server import RedisServer
from tests.support.redis_users import PASSWORDS, client_of, sha256
from tests.support.trusted import REALM, key_of, signed

pytestmark = pytest.mark.redis


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


def test_the_doctor_beside_reporting_may_look_at_every_stream(
    server: RedisServer, tmp_path: Path
) -> None:
    url = f"redis://reporting:of-reporting@127.0.0.1:{server.port}/0"
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path), "REDIS_URL": url})
    with client_of(server, "operator") as operator:
        operator.flushall()
        operator.acl_setuser("publisher-p-a", enabled=True)
        operator.xadd(OF_A, {"event": "{}"}, id="1000000-0")
    found = {each.check: each.level for each in check_redis(settings, 0, 2_000)}
    assert found.pop("intake") is Level.BROKEN
    assert found.keys() >= {"redis", "redis_file", "stream"}
    assert set(found.values()) == {Level.WELL}


async def test_a_forged_receipt_is_believed_by_no_client_of_ours(
    server: RedisServer, tmp_path: Path
) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    digest = begin(settings, REALM, {"p-a": key_of("p-a")}, 1)
    forged = {"id": "never-sent", "source": "/publishers/p-a", "status": "accepted", "position": 2}
    with client_of(server, "operator") as operator, client_of(server, "publisher-p-a") as mine:
        operator.flushall()
        operator.acl_setuser("publisher-p-a", enabled=True)
        mine.xadd("dvk:receipts:p-a", {"item": json.dumps(forged)})
    url = f"redis://registry:of-registry@127.0.0.1:{server.port}/0"
    async with serving(tmp_path, DVK_TRUST=digest, REDIS_URL=url) as port:
        at = f"http://127.0.0.1:{port}"
        with httpx.Client(trust_env=False) as http:
            addresses = Addresses(registry=at, evaluation=at, reporting=at)
            delivery = Delivery(http, addresses, reads=SignedReads(key_of("p-a")))
            assert await asyncio.to_thread(delivery.holds, forged) is False


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
