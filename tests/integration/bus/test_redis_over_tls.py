"""Redis over TLS: every client checks the certificate, that of a master named by sentinels too."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from services.console.local.redis_server import find_redis_server, free_port
from shared.bus.connections import connect
from shared.vocabulary import Family
from tests.support.bus_pipeline import until
from tests.support.certificates import certificate
from tests.support.cut_line import line_to
from tests.support.http_clients import running_face
from tests.support.intake_scenario import STREAM, answers, opened, sent
from tests.support.redis_server import own_redis_server
from tests.support.sentinels import replicated

pytestmark = pytest.mark.redis


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Give the address, without options, of a server behind an end of TLS."""
    _, served = certificate(tmp_path, "server")
    with own_redis_server() as redis:
        behind = urlsplit(redis.url)
        assert behind.port
        with line_to(behind.port, 1, free_port(), tls=served) as line:
            yield f"rediss://:{redis.password}@localhost:{line.port}/0"


async def test_events_and_receipts_pass_over_tls(url: str, tmp_path: Path) -> None:
    address = f"{url}?ssl_ca_certs={tmp_path / 'server.pem'}"
    async with running_face(Family.REGISTRY, tmp_path, redis_url=address) as registry:
        with connect(address) as publisher:
            publisher.xadd(STREAM, {"event": sent(opened("vn", None))})
            await until(lambda: len(answers(publisher)) == 1)
        checks = (await registry.client.get("/readyz")).json()["checks"]
    assert checks["redis"]["ok"]


def test_a_server_with_the_certificate_of_another_is_not_believed(url: str, tmp_path: Path) -> None:
    other, _ = certificate(tmp_path, "other")
    with (
        connect(f"{url}?ssl_ca_certs={other}") as redis,
        pytest.raises(RedisConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        redis.ping()


async def test_sentinels_and_the_master_that_takes_over_speak_tls(tmp_path: Path) -> None:
    if not _knows_tls(find_redis_server()):
        pytest.skip("the Redis server here was built without TLS; that of Debian has it")
    file, _ = certificate(tmp_path, "server")
    with replicated(1, certificate=file) as redis:
        async with running_face(Family.REGISTRY, tmp_path, redis_url=redis.url):
            with connect(redis.url) as publisher:
                publisher.xadd(STREAM, {"event": sent(opened("vn", None))})
                await until(lambda: len(answers(publisher)) == 1)
            await asyncio.to_thread(redis.fail_over)
            with redis.master().client() as master:
                master.xadd(STREAM, {"event": sent(opened("bac-kan"))})
                await until(lambda: {"open-bac-kan"} <= {each["id"] for each in answers(master)})


def _knows_tls(server: Path) -> bool:
    """Return whether a server was built with TLS: another does not know the setting."""
    asked = [server, "--tls-auth-clients", "no", "--port", "0", "--maxclients", "0"]
    ended = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=10)
    return "tls-auth-clients" not in ended.stdout + ended.stderr
