"""Bad input gets its 4xx as a problem, stores nothing, and the service goes on (bars, Hard to fool)."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.http_clients import STRUCTURED, Face, running_face

# Nothing here may leave a trace, so all of it may meet one and the same service.
pytestmark = pytest.mark.asyncio(loop_scope="module")
_numbers = itertools.count(2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """Give one registry that knows the country to all tests of this module."""
    home = tmp_path_factory.mktemp("registry")
    async with running_face(Family.REGISTRY, home) as face:
        await face.accepted(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        yield face


def another() -> dict[str, Any]:
    """Return a good event that was not sent before."""
    return cloudevent("ModelRegistered", registration(str(next(_numbers))))


def valid(**data: Any) -> dict[str, Any]:
    event = cloudevent("ModelRegistered", registration("1"))
    event["data"] |= data
    return event


def raw(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def with_text(text: str) -> bytes:
    """Write JSON with a title that is put in as it is, escapes and all."""
    return raw(valid(title="@")).replace(b'"@"', text.encode())


GIVEN_BY_THE_LEDGER = {
    "sequence": "1",
    "recordedtime": "2022-03-01T08:59:00Z",
    "chain": "0" * 64,
    "digest": "0" * 64,
    "position": 1,
    "version": 1,
    "actor": "operator",
    "officer_ref": "o-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "accepted": True,
    "is_admin": True,
}
BAD: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 400),
    "not JSON": (b"{", 400),
    "trailing text": (raw(valid()) + b"x", 400),
    "two events": (raw(valid()) * 2, 400),
    "not UTF-8": (b'{"id":"\xff\xfe"}', 400),
    "NaN": (with_text("NaN"), 400),
    "Infinity": (with_text("-Infinity"), 400),
    "raw control character": (with_text('"a\x01b"'), 400),
    "depth 10,000": (b"[" * 10_000 + b"]" * 10_000, 422),
    "depth 10,000 in the data": (with_text("[" * 10_000 + "]" * 10_000), 422),
    "an array": (b"[]", 422),
    "a text": (b'"event"', 422),
    "null": (b"null", 422),
    "no attributes": (b"{}", 422),
    "wrong types": (raw({**valid(), "id": 7, "data": []}), 422),
    "an unknown attribute": (raw({**valid(), "colour": "red"}), 422),
    "an unknown field": (raw(valid(colour="red")), 422),
    "an attribute of the log": (raw({**valid(), "sequence": "1"}), 422),
    **{
        f"{name}, which the ledger gives": (raw({**valid(), name: value}), 422)
        for name, value in GIVEN_BY_THE_LEDGER.items()
    },
    **{
        f"{name} in the data": (raw(valid(**{name: value})), 422)
        for name, value in GIVEN_BY_THE_LEDGER.items()
    },
    "data_base64": (raw({**valid(), "data_base64": "e30="}), 422),
    "a duplicate key": (raw(valid()).replace(b'{"specv', b'{"id":"x","specv'), 422),
    "a duplicate key in the data": (raw(valid()).replace(b'"title"', b'"title":"x","title"'), 422),
    "an escaped control character": (with_text('"a\\u0001b"'), 422),
    "NUL": (with_text('"a\\u0000b"'), 422),
    "a newline in a title": (with_text('"a\\nb"'), 422),
    "a lone surrogate": (with_text('"\\ud800"'), 422),
    "a future time": (raw({**valid(), "time": "2999-01-01T00:00:00Z"}), 422),
    "a time without offset": (raw({**valid(), "time": "2026-01-01T00:00:00"}), 422),
    "an unknown type": (raw({**valid(), "type": "dvk.Nothing.v1"}), 422),
    "an unknown version": (raw({**valid(), "type": "dvk.ModelRegistered.v9"}), 422),
    "another subject": (raw({**valid(), "subject": "registration/other"}), 422),
    "a number as text": (raw(valid(plan_year="2022")), 422),
    "a huge number": (with_text("1e400"), 422),
    "an impossible date": (raw(valid(occurred_on="2022-02-30")), 422),
    "a long title": (raw(valid(title="x" * 501)), 422),
    "an id with a space": (raw({**valid(), "id": "a b"}), 422),
    "another specversion": (raw({**valid(), "specversion": "0.3"}), 422),
    "a future day": (raw(valid(occurred_on="2999-01-01")), 409),
    "384 KiB and one byte": (b"{" + b" " * 393_215 + b"}", 413),
    "a record of more than 64 KiB": (raw(valid(linked_tasks=["x" * 7_000] * 10)), 413),
    "a title of two lines": (raw(valid(title="một\u2028hai")), 422),
    "a title without anything to see": (raw(valid(title="\u2060")), 422),
    "UTF-16": (json.dumps(valid()).encode("utf-16"), 400),
    "10 MB": (b"x" * 10_000_000, 413),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_input_is_a_problem_and_leaves_nothing(registry: Face, name: str) -> None:
    body, status = BAD[name]
    async with untouched(registry):
        answer = await registry.send(body)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "name", [name for name, (_, status) in BAD.items() if status in {422, 409}]
)
async def test_a_bad_event_in_a_batch_spoils_itself_only(registry: Face, name: str) -> None:
    body, status = BAD[name]
    answer = await registry.send_batch(b"[%b,%b]" % (body, raw(another())))
    assert answer.status_code == 200, answer.text
    bad_item, good_item = answer.json()["items"]
    assert bad_item["status"] in {"invalid", "refused"}
    assert bad_item["problem"]["status"] == status
    assert good_item["status"] == "accepted"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents+json; charset=utf-16",
        "application/cloudevents-batch+protobuf",
    ],
)
async def test_a_wrong_content_type_is_415(registry: Face, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    async with untouched(registry):
        answer = await registry.client.post("/events", content=raw(valid()), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream"])
async def test_binary_mode_takes_json_only(registry: Face, content_type: str) -> None:
    headers = {"Content-Type": content_type, "ce-specversion": "1.0", "ce-id": "1"}
    answer = await registry.client.post("/events", content=b"{}", headers=headers)
    assert answer.status_code == 415


async def test_compressed_content_is_415(registry: Face) -> None:
    answer = await registry.send(raw(valid()), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents+json",
        "application/cloudevents+json; charset=UTF-8",
        'Application/CloudEvents+JSON;charset="utf-8"',
    ],
)
async def test_media_types_are_read_as_http_has_them(registry: Face, content_type: str) -> None:
    answer = await registry.client.post(
        "/events", content=raw(another()), headers={"Content-Type": content_type}
    )
    assert answer.status_code == 201


async def test_a_body_without_a_stated_length_is_cut_at_the_limit(registry: Face) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 16_384
            yield b" " * 16_384

    answer = await registry.client.post("/events", content=endless(), headers=STRUCTURED)
    assert answer.status_code == 413
    assert read < 1_000_000


@pytest.mark.parametrize("length", ["9" * 5_000, "9" * 30, "393217"])
async def test_a_stated_length_beyond_the_limit_is_413_before_anything_is_read(
    registry: Face, length: str
) -> None:
    read = False

    async def never() -> Any:
        nonlocal read
        read = True
        yield b"{}"

    headers = {**STRUCTURED, "Content-Length": length}
    answer = await registry.client.post("/events", content=never(), headers=headers)
    assert answer.status_code == 413
    assert not read


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405(registry: Face, method: str) -> None:
    answer = await registry.client.request(method, "/events")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/", "/event", "/events/", "/parked/1", "//events", "/%00"])
async def test_unknown_addresses_are_404(registry: Face, path: str) -> None:
    answer = await registry.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_page")


def _bad_queries() -> Iterator[str]:
    for path in ("/parked", "/refused", "/units", "/organizations", "/taxonomies"):
        for query in (
            "limit=0",
            "limit=1001",
            "limit=ten",
            "limit=1&limit=2",
            "cursor=!",
            "cursor=e30",
            "format=xml",
            "colour=red",
            "limit=%00",
        ):
            yield f"{path}?{query}"
    for query in ("after=-1", "after=x", "after=99999999999999999999", "limit=0", "cursor=x"):
        yield f"/events?{query}"
    for query in ("map=recorded", "map=2022", "map=2022-02-30", "known_at=yesterday", "q="):
        yield f"/units?{query}"
    for query in ("known_at=2022-01-01T00:00:00", "known_at=999", "level=village", "code=%00"):
        yield f"/units?{query}"
    yield "/parked?source=anybody"
    yield "/models/a%20b"
    yield "/healthz?x=1"


@pytest.mark.parametrize("address", list(_bad_queries()))
async def test_a_bad_parameter_is_422(registry: Face, address: str) -> None:
    answer = await registry.client.get(address)
    assert answer.status_code == 422, answer.text


async def test_a_parameter_that_events_do_not_have_is_422(registry: Face) -> None:
    async with untouched(registry):
        answer = await registry.client.post(
            "/events?dryrun=1", content=raw(another()), headers=STRUCTURED
        )
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")


@asynccontextmanager
async def untouched(registry: Face) -> AsyncIterator[None]:
    """Check that nothing of what happens inside is stored or waits, and that the service is up."""
    before = await _kept(registry)
    yield
    assert await _kept(registry) == before
    assert (await registry.client.get("/readyz")).status_code == 200


async def _kept(registry: Face) -> tuple[object, object]:
    feed = await registry.client.get("/events?limit=1000")
    return feed.json(), await registry.items("/parked")
