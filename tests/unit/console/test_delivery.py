"""Events reach the right service, in order, and a busy service is given time."""

from collections.abc import Callable

import httpx
import orjson
import pytest

from services.console.datasets.sample import sample_events
from shared.client.addresses import Addresses, addresses_at
from shared.client.delivery import (
    MAX_BYTES,
    Batch,
    Delivery,
    Line,
    Undeliverable,
    batches,
    unsendable,
)
from shared.vocabulary import Family

ADDRESSES = Addresses("http://reporting", "http://registry", "http://evaluation")
REGISTERED = b'{"type":"dvk.ModelRegistered.v1"}'
RECOGNIZED = b'{"type":"dvk.ModelRecognized.v1"}'
ASSERTED = b'{"type":"dvk.FigureAsserted.v1"}'


def grouped(*raw: bytes) -> list[Batch]:
    return list(batches(Line(number, 0, one) for number, one in enumerate(raw, start=1)))


def sizes(*raw: bytes) -> list[tuple[Family | None, int]]:
    return [(batch.family, len(batch.lines)) for batch in grouped(*raw)]


def test_consecutive_events_of_one_service_travel_together_and_the_order_is_kept() -> None:
    assert sizes(REGISTERED, REGISTERED, RECOGNIZED, ASSERTED, REGISTERED) == [
        (Family.REGISTRY, 2),
        (Family.EVALUATION, 1),
        (Family.REPORTING, 1),
        (Family.REGISTRY, 1),
    ]


def test_a_batch_holds_at_most_five_hundred_events() -> None:
    assert sizes(*[REGISTERED] * 1001) == [
        (Family.REGISTRY, 500),
        (Family.REGISTRY, 500),
        (Family.REGISTRY, 1),
    ]


def test_a_batch_holds_at_most_four_mebibytes() -> None:
    large = orjson.dumps({"type": "dvk.ModelRegistered.v1", "data": "x" * 1_500_000})
    found = grouped(large, large, large)
    assert [len(batch.lines) for batch in found] == [2, 1]
    for batch in found:
        body = b"[" + b",".join(line.raw for line in batch.lines) + b"]"
        assert len(body) <= 4 * 1024 * 1024
    exact = orjson.dumps({"type": "dvk.ModelRegistered.v1", "data": ""})
    fill = orjson.dumps(
        {"type": "dvk.ModelRegistered.v1", "data": "x" * (MAX_BYTES - 2 - len(exact))}
    )
    assert sizes(fill, REGISTERED) == [(Family.REGISTRY, 1), (Family.REGISTRY, 1)]
    assert sizes(fill + b" ") == [(None, 1)]


@pytest.mark.parametrize(
    ("subject", "family"),
    [
        ("unit/u-1", Family.REGISTRY),
        ("organization/o-1", Family.REGISTRY),
        ("taxonomy/vn.field", Family.REGISTRY),
        ("plan/o-1.2022", Family.REGISTRY),
        ("outcome/o-1", Family.REGISTRY),
        ("model/m-1", Family.REGISTRY),
        ("inspection/i-1", Family.EVALUATION),
        ("session/s-1", Family.EVALUATION),
        ("commendation/c-1", Family.EVALUATION),
        ("figure/f-1", Family.REPORTING),
    ],
)
def test_a_retraction_goes_to_the_service_that_accepted_the_event(
    subject: str, family: Family
) -> None:
    retraction = orjson.dumps({"type": "dvk.EventRetracted.v1", "subject": subject})
    assert sizes(retraction) == [(family, 1)]


def test_a_line_that_is_not_json_stands_alone_and_its_neighbours_go_on() -> None:
    assert sizes(REGISTERED, b"{", RECOGNIZED, b'{"a": NaN}', RECOGNIZED) == [
        (Family.REGISTRY, 1),
        (None, 1),
        (Family.EVALUATION, 1),
        (None, 1),
        (Family.EVALUATION, 1),
    ]
    item = unsendable(Line(2, 0, b"{"))
    assert (item["status"], item["problem"]["code"]) == ("invalid", "not_json")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (
            '{"id":"Hà"}'.encode("utf-16"),
            "là UTF-16 LE: hãy lưu lại dưới dạng UTF-8 · UTF-16 LE: save",
        ),
        ('{"id":"Hà"}'.encode("utf-16-be"), "là UTF-16 BE: hãy"),
        ('{"id":"Hà"}'.encode("utf-32-le"), "là UTF-32 LE: hãy"),
        (b"\x00" + '{"id":"H"}'.encode("utf-16-le"), "là UTF-16"),
        (b'{"id":"1"}' + '{"id":"H"}'.encode("utf-16-le"), "là UTF-16: hãy"),
        ('{"id":"Hà"}'.encode("windows-1258"), "byte 8: không phải UTF-8, có lẽ là bảng mã cũ"),
        ('{"id":"Hà"}'.encode("windows-1258"), "windows-1258: save it as UTF-8"),
        (
            b'{"id":"1"}\r{"id":"2"}',
            "CR như trên máy Mac cũ: hãy lưu lại với LF hoặc CRLF. · Lines",
        ),
        (b'{"id":"1"', "Dòng này không phải JSON. · This line is not JSON."),
    ],
)
def test_a_line_that_cannot_be_sent_is_told_what_it_is(raw: bytes, words: str) -> None:
    (batch,) = grouped(raw)
    assert batch.family is None
    problem = unsendable(batch.lines[0])["problem"]
    assert (problem["code"], problem["status"]) == ("not_json", 400)
    assert words in problem["detail"]


def test_a_ledger_holds_what_it_answers_at_the_same_place_of_the_same_chain() -> None:
    kept = {"id": "e", "source": "/publishers/p", "position": 7, "chain": "ab"}
    told = httpx.Response(200, json={**kept, "status": "accepted"})
    asked: list[httpx.URL] = []

    def answer(with_: httpx.Response) -> Answer:
        def respond(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return with_

        return respond

    assert delivery(answer(told), []).holds(kept)
    assert str(asked[0]) == "http://registry/receipts?source=%2Fpublishers%2Fp&id=e"
    for other in ({"position": 8}, {"chain": "cd"}, {"position": None, "chain": None}):
        changed = httpx.Response(200, json={**kept, **other})
        assert not delivery(answer(changed), []).holds(kept)
    assert not delivery(answer(httpx.Response(404)), []).holds(kept)
    assert not delivery(answer(httpx.Response(200, json=[])), []).holds(kept)
    with pytest.raises(Undeliverable):
        delivery(answer(httpx.Response(403)), []).holds(kept)


def test_an_event_of_an_unknown_type_goes_along_for_the_service_to_judge() -> None:
    assert sizes(RECOGNIZED, b'{"type":"dvk.Nothing.v1"}', b"[]", RECOGNIZED) == [
        (Family.EVALUATION, 4)
    ]
    assert sizes(b'{"type":7}') == [(Family.REGISTRY, 1)]


def test_the_sample_needs_one_batch_a_service_and_no_more_than_the_limits() -> None:
    assert sizes(*map(orjson.dumps, sample_events())) == [
        (Family.REGISTRY, 236),
        (Family.EVALUATION, 337),
        (Family.REPORTING, 68),
    ]


Answer = Callable[[httpx.Request], httpx.Response]


def delivery(answer: Answer, pauses: list[float], patience: float = 600) -> Delivery:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Delivery(client, ADDRESSES, patience, pauses.append, lambda: sum(pauses))


def accepted(request: httpx.Request) -> httpx.Response:
    events = orjson.loads(request.content)
    return httpx.Response(200, json={"items": [{"status": "accepted"} for _ in events]})


def test_each_family_goes_to_its_service_as_a_cloudevents_batch() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers["content-type"]))
        return accepted(request)

    for family in Family:
        items = delivery(answer, []).send(family, [REGISTERED, REGISTERED])
        assert [item["status"] for item in items] == ["accepted", "accepted"]
    kind = "application/cloudevents-batch+json"
    assert seen == [(f"http://{family}/events", kind) for family in Family]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_after_the_time_it_names(status: int) -> None:
    answers = iter([httpx.Response(status, headers={"retry-after": "7"}), None])
    pauses: list[float] = []
    sending = delivery(lambda request: next(answers) or accepted(request), pauses)
    assert len(sending.send(Family.REGISTRY, [REGISTERED])) == 1
    assert pauses == [7]


def test_a_service_that_is_away_is_waited_for_longer_and_longer() -> None:
    attempts = iter(range(10))
    pauses: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if next(attempts) < 4:
            raise httpx.ConnectError("refused")
        return accepted(request)

    delivery(answer, pauses).send(Family.REGISTRY, [REGISTERED])
    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6])


def test_patience_ends() -> None:
    pauses: list[float] = []
    sending = delivery(lambda _: httpx.Response(503, headers={"retry-after": "9"}), pauses, 60)
    with pytest.raises(Undeliverable, match="HTTP 503"):
        sending.send(Family.REGISTRY, [REGISTERED])
    assert 50 <= sum(pauses) <= 60


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="nothing here"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"items": []}),
    ],
)
def test_an_answer_that_the_contract_does_not_know_ends_the_delivery(
    answer: httpx.Response,
) -> None:
    with pytest.raises(Undeliverable):
        delivery(lambda _: answer, []).send(Family.REGISTRY, [REGISTERED])


def test_behind_a_proxy_the_services_have_prefixes_and_else_ports_in_a_row() -> None:
    def proxy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/registry/healthz" else 404)

    def no_proxy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    def proxy_before_a_registry_that_is_away(request: httpx.Request) -> httpx.Response:
        return httpx.Response(504 if request.url.path.startswith("/registry/") else 404)

    def found(answer: Answer, url: str) -> Addresses:
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            return addresses_at(url, client)

    one = "http://ledger.example:8080"
    prefixed = (f"{one}/{name}" for name in ("registry", "evaluation", "lists"))
    proxied = Addresses(one, *prefixed)
    assert found(proxy, f"{one}/") == proxied
    assert found(proxy_before_a_registry_that_is_away, one) == proxied
    ports = (f"http://ledger.example:{port}" for port in (8081, 8082, 8083))
    assert found(no_proxy, one) == Addresses(one, *ports)
