"""A follower answers every read as the reporting that folds does, to the byte, and writes nothing."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from fastapi.routing import APIRoute

from services.reporting.dashboard.routes import PAGES
from services.reporting.queries.as_of import AsOfResolver
from services.sealer.sealer import Sealer
from shared.clock import system_clock
from shared.eventlog.dialects import dialect_for
from shared.eventlog.seal_store import SealStore
from shared.trust.memory import CheckpointMemory
from shared.vocabulary import Family
from tests.support.followers import follower
from tests.support.postgres_server import own_postgres_server
from tests.support.postgres_standby import standby_of
from tests.support.sealed_log import KEY
from tests.support.small_ledger import small_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from tests.support.followers import RunningFollower
    from tests.support.small_ledger import SmallLedger

pytestmark = pytest.mark.postgres
ORIGIN = "localhost/ledger"
IN_ENGLISH = {"Accept": "text/csv", "Accept-Language": "en"}
OF_THE_PROCESS = {"/metrics", "/readyz"}
"""They tell of the process that answers."""
WITHOUT_AN_ANSWER = {"/session", "/sign-in/link", "/trust/suspects"}
"""What this ledger does not have: both refuse it with the same words."""
REFUSED = {"/sign-in/oidc", "/sign-in/oidc/back"}
"""GETs that store something."""
MORE = {
    "/annexes/narrative.{form}": "year=2022",
    "/annexes/{annex}.{form}": "year=2022",
    "/pages/reconciliation": "result=differs",
    "/proof": "position=3&extra=true",
}
"""What some addresses need besides."""
VALUES = {
    "annex": "a",
    "award": "a-1",
    "by": "unit,field",
    "chain": "0" * 64,
    "code": "plan_missing",
    "form": "docx",
    "from": "2022",
    "list": "registrations",
    "measure": "registered",
    "metric": "registered",
    "model": "m-1",
    "model_id": "m-1",
    "name": "funnel",
    "org_id": "o-1",
    "organization": "o-1",
    "position": "1",
    "q": "bình văn",
    "since": "3",
    "source": "/publishers/test",
    "to": "2022",
    "unit_id": "vn",
    "year": "2022",
}


class Asked:
    """A ledger and a follower of it."""

    def __init__(self, ledger: SmallLedger, following: RunningFollower) -> None:
        self.ledger = ledger
        self.follower = following
        self.head = ledger.head()
        first = ledger.ask(Family.REGISTRY, "GET", "/events").json()[0]
        self.values = {
            **VALUES,
            "id": first["id"],
            "path": f"0/000.p/{self.head}",
            "known_at": str(self.head),
        }

    @property
    def app(self) -> FastAPI:
        """Return the reporting that folds."""
        return self.ledger.apps[Family.REPORTING]

    def both(self, address: str, **headers: str) -> list[tuple[int, bytes, list[Any]]]:
        """Return the status, the bytes and the headers of both answers, of the folding one first."""
        answers = (
            self.ledger.ask(Family.REPORTING, "GET", address, headers=headers),
            self.follower.get(address, **headers),
        )
        return [(a.status_code, a.content, sorted(a.headers.items())) for a in answers]


@pytest.fixture(
    scope="module",
    params=["the same server", pytest.param("a standby", marks=pytest.mark.slow)],
)
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asked]:
    home = tmp_path_factory.mktemp("following")
    with ExitStack() as stack:
        if request.param == "a standby":
            primary = stack.enter_context(own_postgres_server())
            url, followed = primary.url, stack.enter_context(standby_of(primary)).url
        else:
            url = followed = request.getfixturevalue("make_database")()
        ledger = stack.enter_context(small_ledger(home, DATABASE_URL=url))
        seals = SealStore(dialect_for(url, None), ORIGIN)
        stack.callback(seals.close)
        assert Sealer(seals, CheckpointMemory(home), KEY, clock=system_clock).step()
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setitem(AsOfResolver.__init__.__kwdefaults__, "patience_seconds", 0.3)
        following = stack.enter_context(follower(followed, home, ledger.loop))
        found = Asked(ledger, following)
        following.reach(found.head)
        yield found


def test_every_read_is_answered_alike(asked: Asked) -> None:
    answered, reads = set(), list(_reads(asked))
    for path, address in reads:
        folding, following = asked.both(address)
        assert folding == following, address
        if folding[0] < 400:
            answered.add(path)
        if ("content-type", "application/json") in folding[2]:
            folding, following = asked.both(address, **IN_ENGLISH)
            assert folding == following, address
    assert {path for path, _ in reads} - answered == WITHOUT_AN_ANSWER
    assert len(answered) > 60


def test_what_writes_is_refused_in_both_languages(asked: Asked) -> None:
    posts = {route.path for route in _routes(asked.app) if "POST" in route.methods}
    assert {"/events", "/quarantine/requeue", "/sign-in", "/witness/cosignatures"} <= posts
    for method, paths in (("POST", posts), ("GET", REFUSED)):
        for path in paths:
            for language, words in (("vi", "chỉ trả lời"), ("en", "only answers reads")):
                answer = asked.follower.ask(method, path, **{"Accept-Language": language})
                assert (answer.status_code, answer.json()["code"]) == (405, "reads_only"), path
                assert words in answer.json()["detail"]
    assert asked.follower.ask("POST", "/sign-in").headers["allow"] == "GET, HEAD"
    assert asked.follower.ask("POST", "/nowhere").status_code == 404
    assert asked.follower.ask("PUT", "/events").json()["code"] == "method_not_allowed"
    assert asked.ledger.head() == asked.head


def test_how_far_behind_it_may_be_is_measured(asked: Asked) -> None:
    behind = re.compile(r"^dvk_replica_behind_seconds (\S+)$", re.MULTILINE)
    (following,) = behind.findall(asked.follower.get("/metrics").text)
    (folding,) = behind.findall(asked.ledger.ask(Family.REPORTING, "GET", "/metrics").text)
    assert 0 <= float(following) < 60
    assert folding == "NaN"


def test_a_position_that_the_replica_lacks_is_waited_for_and_asked_for_again(asked: Asked) -> None:
    beyond = f"/summaries/national?year=2022&known_at={asked.head + 1}"
    folding = asked.ledger.ask(Family.REPORTING, "GET", beyond)
    assert (folding.status_code, folding.json()["code"]) == (422, "known_at_beyond_head")
    following = asked.follower.get(beyond)
    assert (following.status_code, following.json()["code"]) == (503, "known_at_not_reached")
    assert following.headers["retry-after"]


def _routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def _reads(asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield every path that is read, with an address of it."""
    documented = asked.app.openapi()["paths"]
    pages = {page.path: page.own for page in PAGES}
    for route in _routes(asked.app):
        path = route.path
        if "GET" not in route.methods or path in OF_THE_PROCESS | REFUSED:
            continue
        if path == "/charts/{name}.{form}":
            yield path, "/charts/funnel.svg?year=2022"
            continue
        names = [
            each["name"]
            for each in documented.get(path, {}).get("get", {}).get("parameters", ())
            if each["in"] == "query" and (each.get("required") or each["name"] == "known_at")
        ]
        if path in pages:
            names = ["known_at", "year", *(name for name in pages[path] if name in VALUES)]
        chosen = {name: asked.values.get(name, "1") for name in names}
        address = re.sub(r"\{(\w+)(?::path)?\}", lambda hit: asked.values[hit[1]], path)
        query = "&".join(each for each in (urlencode(chosen), MORE.get(path)) if each)
        yield path, f"{address}?{query}"
