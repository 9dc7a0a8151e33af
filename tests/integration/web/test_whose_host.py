"""A service answers under its own names only: a page of elsewhere cannot have it asked under others."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.settings import Settings
from tests.support.listening_service import Answered, say, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """Serve as it is by default."""
    async with serving(tmp_path_factory.mktemp("registry")) as port:
        yield port


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def named_port(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """Serve under further names."""
    home = tmp_path_factory.mktemp("named")
    names = "registry, Ledger.Example.ORG ,,[2001:db8::1]"
    async with serving(home, DVK_ALLOWED_HOSTS=names) as port:
        yield port


async def asked(
    port: int, *hosts: bytes, version: bytes = b"1.1", target: bytes = b"/healthz"
) -> Answered:
    lines = b"".join(b"Host: %b\r\n" % host.replace(b"{port}", b"%d" % port) for host in hosts)
    request = b"GET %b HTTP/%b\r\n%b\r\n" % (target, version, lines)
    return await say(port, [request])


OWN = [
    b"localhost",
    b"localhost:{port}",
    b"LocalHost",
    b"localhost.",
    b"localhost:",
    b"localhost:1",
    b"127.0.0.1",
    b"127.0.0.1:{port}",
    b"[::1]",
    b"[::1]:{port}",
    b"[0:0:0:0:0:0:0:1]:80",
]
OF_OTHERS = [
    b"evil.example",
    b"evil.example:{port}",
    b"localhost.evil.example",
    b"127.0.0.1.evil.example",
    b"evil.localhost",
    b"registry",
    b"127.0.0.2",
    b"192.0.2.1:{port}",
    b"0.0.0.0",
    b"[::2]",
    b"[::ffff:192.0.2.1]",
    b"xn--localhost",
    b"localhost%00",
]
INVALID = [
    b"",
    b"[",
    b"[::1",
    b"::1",
    b"[localhost]",
    b"[::1]x",
    b"[::g]",
    b"localhost:80:80",
    b"localhost:x",
    b"localhost, localhost",
    b"localhost/",
    b"user@localhost",
    b"local host",
    b"\xc4\x91\xe1\xba\xaft",
    b"http://localhost",
    b"a" * 254,
]


@pytest.mark.parametrize("host", OWN)
async def test_the_names_of_loopback_are_ours_with_any_port(port: int, host: bytes) -> None:
    assert (await asked(port, host)).status == 200


@pytest.mark.parametrize("host", OF_OTHERS)
async def test_a_request_for_another_is_misdirected(port: int, host: bytes) -> None:
    answered = await asked(port, host)
    assert (answered.status, answered.code) == (421, "other_host")


@pytest.mark.parametrize("host", INVALID)
async def test_what_is_no_host_is_refused(port: int, host: bytes) -> None:
    answered = await asked(port, host)
    assert (answered.status, answered.code) == (400, "invalid_host")


async def test_a_request_has_exactly_one_host(port: int) -> None:
    for hosts in ((), (b"localhost", b"localhost"), (b"localhost", b"evil.example")):
        answered = await asked(port, *hosts)
        assert (answered.status, answered.code) == (400, "invalid_host")


async def test_http_1_0_knew_no_host(port: int) -> None:
    assert (await asked(port, version=b"1.0")).status == 200
    assert (await asked(port, b"evil.example", version=b"1.0")).status == 421


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://localhost:1/healthz", b"localhost", 200),
        (b"http://127.0.0.1/healthz?", b"evil.example", 200),
        (b"http://evil.example/healthz", b"localhost", 421),
        (b"HTTPS://evil.example:80/", b"localhost", 421),
        (b"http://user@localhost/healthz", b"localhost", 400),
        (b"//evil.example/healthz", b"localhost", 404),
    ],
)
async def test_an_address_that_names_a_host_means_that_one(
    port: int, target: bytes, host: bytes, status: int
) -> None:
    assert (await asked(port, host, target=target)).status == status
    assert (await asked(port, target=target)).status in {400, 404}


@pytest.mark.parametrize(
    "host",
    [b"registry:8081", b"REGISTRY", b"ledger.example.org", b"[2001:db8:0::1]:80", b"localhost"],
)
async def test_a_service_answers_under_the_names_that_its_operator_gives_it(
    named_port: int, host: bytes
) -> None:
    assert (await asked(named_port, host)).status == 200
    for other in (b"evil.example", b"registry.evil.example", b"sub.ledger.example.org"):
        assert (await asked(named_port, other)).status == 421


async def test_any_name_may_be_allowed_and_none_is_none(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with serving(tmp_path_factory.mktemp("any"), DVK_ALLOWED_HOSTS="*") as port:
        assert (await asked(port, b"anything.example")).status == 200
        assert (await asked(port)).status == 400


async def test_the_address_that_a_connection_came_to_is_ours(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("wide")
    async with serving(home, host="0.0.0.0") as port:  # noqa: S104  the test's own machine only
        for address in ("127.0.0.1", "127.0.0.2"):
            own = await say(port, [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n"], address)
            assert own.status == (200 if address == "127.0.0.2" else 421)


async def test_the_bound_name_is_ours_and_a_setting_that_is_no_name_is_refused() -> None:
    def hosts(**environment: str) -> frozenset[str]:
        return Settings.from_environment(environment).hosts

    loopback = {"localhost", "127.0.0.1", "[::1]"}
    assert hosts() == loopback
    assert hosts(DVK_HOST="Ledger.Local") == loopback | {"ledger.local"}
    assert hosts(DVK_ALLOWED_HOSTS="a.vn,B.vn") == loopback | {"a.vn", "b.vn"}
    for wrong in ("http://a.vn", "a.vn:8080", "a b", "*.a.vn", "a.vn/", "::1"):
        with pytest.raises(SystemExit, match="DVK_ALLOWED_HOSTS"):
            hosts(DVK_ALLOWED_HOSTS=wrong)


async def test_an_answer_says_in_whose_language_what_is_to_be_done(port: int) -> None:
    lines = b"Host: evil.example\r\nAccept-Language: en\r\nContent-Length: 2\r\n\r\n{}"
    answered = await say(port, [b"POST /events HTTP/1.1\r\n" + lines])
    assert answered.status == 421
    assert b"content-language: en\r\n" in answered.head
