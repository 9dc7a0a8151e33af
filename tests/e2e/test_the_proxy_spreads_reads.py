"""The nginx of the data centre spreads reads over followers, and writes go to the one that folds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.asking import ASKING
from tests.support.proxy_server import NEEDS_NGINX, Proxy, Service, proxy

pytestmark = [NEEDS_NGINX, pytest.mark.processes]
OF_THE_FOLDING_ONE = (
    "/sign-in?to=/", "/signed-in", "/session", "/receipts?id=1", "/parked", "/refused", "/quarantine",
    "/sign-in/oidc/back?code=1", "/officers", "/readyz", "/healthz", "/metrics",
    "/origins", "/pages/forwarding?year=2022",
)  # fmt: skip


@pytest.fixture
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, list[Service]]]:
    with ExitStack() as stack:
        followers = [stack.enter_context(Service().answering()) for _ in range(2)]
        running = stack.enter_context(proxy(tmp_path_factory.mktemp("spread"), followers=followers))
        yield running, followers


def test_reads_are_spread_and_what_writes_goes_to_the_one_that_folds(
    spread: tuple[Proxy, list[Service]],
) -> None:
    running, followers = spread
    for number in range(30):
        assert asked(running, "GET", f"/summaries/national?year={number}") == 200
        assert asked(running, "HEAD", "/") == 200
    everywhere = [len(each.seen) for each in (running.service, *followers)]
    assert sum(everywhere) == 60
    assert min(everywhere) > 10
    for path in ("/events", "/sign-in", "/witness/cosignatures", "/pages/my-unit"):
        assert asked(running, "POST", path) == 200
    for path in OF_THE_FOLDING_ONE:
        assert asked(running, "GET", path) == 200
    assert len(running.service.seen) == everywhere[0] + 4 + len(OF_THE_FOLDING_ONE)


def test_a_read_that_a_follower_cannot_answer_is_answered_by_another(
    spread: tuple[Proxy, list[Service]],
) -> None:
    running, (behind, gone) = spread
    behind.status = 503
    gone.server.server_close()
    answers = Counter(asked(running, "GET", "/figures?year=2022") for _ in range(30))
    assert answers == {200: 30}
    assert behind.seen
    running.service.status = 503
    assert asked(running, "GET", "/figures?year=2022") == 503
    before = len(running.service.seen)
    assert asked(running, "POST", "/events") == 503
    assert len(running.service.seen) == before + 1
    behind.status = 200
    assert {asked(running, "GET", "/figures?year=2022") for _ in range(6)} == {200}


def asked(running: Proxy, method: str, path: str) -> int:
    """Return the status of an answer."""
    return ASKING.request(method, f"http://127.0.0.1:{running.port}{path}").status_code
