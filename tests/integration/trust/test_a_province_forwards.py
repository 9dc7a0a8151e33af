"""Over HTTP, once trust began: who may forward, what is believed, and what is seen of it."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import httpx
import pytest

from services.console.trust.beginning import begin
from shared.client.signed_reads import SignedReads
from shared.eventlog.sql import open_log
from shared.events.recorded import RecordedEvent
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, registration
from tests.support.forwarded import PROVINCE, from_bytes, sent_on
from tests.support.http_clients import BATCHED
from tests.support.scenarios import History
from tests.support.small_ledger import SmallLedger, small_ledger
from tests.support.trusted import REALM, ROOTS, authorized, key_added, key_of, signed
from tests.support.two_provinces import registers

LEDGER = PROVINCE.rpartition("/")[2]
OPENED = "2004-01-01"
FORWARDING, RECEIPTS = 2, 3
"""The numbers of other keys of the ledger that forwards."""


class Forwarding(NamedTuple):
    """The nation's ledger, and a province that begins with all that the nation has."""

    nation: SmallLedger
    province: History

    def post(
        self,
        events: Sequence[bytes],
        by: str | None = LEDGER,
        *,
        number: int = 1,
        query: str = "",
        family: Family = Family.REGISTRY,
        **options: Any,
    ) -> httpx.Response:
        auth = None if by is None else SignedReads(key_of(by, number))
        body = b"[" + b",".join(events) + b"]"
        sent = {"content": body, "headers": BATCHED, "auth": auth, **options}
        return self.nation.ask(family, "POST", f"/events{query}", **sent)

    def sent(self, after: int = 0) -> list[bytes]:
        log = self.province.log.as_family(Family.REGISTRY)
        return [sent_on(event) for event in log.read(after, 1_000)]

    def origin(self) -> dict[str, Any]:
        address = f"/origins?source={PROVINCE}"
        answer = self.nation.ask(Family.REPORTING, "GET", address, auth=SignedReads(key_of(LEDGER)))
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return dict(items[0]) if items else {}


def _said(event: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.body)
    return found


def _codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [(each["problem"] or {}).get("code", each["status"]) for each in answer.json()["items"]]


@pytest.fixture
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    home = tmp_path_factory.mktemp("nation")
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    digest = begin(settings, REALM, {ROOTS[0]: key_of(ROOTS[0])}, 1)
    unit = {"unit_id": "a", "name": "Huế", "level": "province", "parent_id": "vn", "codes": []}
    land = [
        signed("UnitOpened", {**COUNTRY, "occurred_on": OPENED}, ROOTS[0]),
        signed("UnitOpened", {**unit, "occurred_on": OPENED}, ROOTS[0]),
        *(
            _said(event)
            for publisher in ("p-a", LEDGER)
            for event in (authorized(publisher, "a"), key_added(publisher))
        ),
        *(
            _said(key_added(LEDGER, number, use=use))
            for number, use in ((FORWARDING, "forwarding"), (RECEIPTS, "receipts"))
        ),
    ]
    with small_ledger(home, land, DVK_TRUST=digest) as nation:
        log = open_log(settings.log_url, family=None)
        history = History().given(
            *(from_bytes(each.body, each.type) for each in log.read(0, 100)),
            registers("p-a", "1", "a"),
            registers("p-a", "2", "a"),
        )
        log.close()
        yield Forwarding(nation, history)


def test_signed_events_arrive_unchanged_and_the_place_of_the_province_is_seen(
    forwarding: Forwarding,
) -> None:
    sent = forwarding.sent()
    answers = _codes(forwarding.post(sent, query=f"?origin_head={len(sent) + 3}"))
    assert answers == ["duplicate"] * (len(sent) - 2) + ["accepted"] * 2
    found = forwarding.origin()
    last = forwarding.province.log.as_family(Family.REGISTRY).head()
    assert (found["originposition"], found["originchain"]) == (len(sent), last.chain.hex())
    assert (found["recorded"], found["duplicates"]) == (2, len(sent) - 2)
    assert (found["originhead"], found["behind"], found["problem"]) == (len(sent) + 3, 3, None)
    assert found["lag_seconds"] >= 0
    assert _codes(forwarding.post(sent)) == ["duplicate"] * len(sent)
    forwarding.post(sent[-1:], query=f"?origin_head={len(sent)}")
    assert forwarding.origin()["behind"] == 0, "the last event again, when there is nothing new"


def test_a_key_for_forwarding_forwards_reads_its_own_and_publishes_nothing(
    forwarding: Forwarding,
) -> None:
    nation, sent = forwarding.nation, forwarding.sent()
    assert set(_codes(forwarding.post(sent, number=FORWARDING))) == {"accepted", "duplicate"}
    by = SignedReads(key_of(LEDGER, FORWARDING))
    last = forwarding.province.log.as_family(Family.REGISTRY).head()
    place = f"position={last.position}&chain={last.chain.hex()}"
    for family, address in (
        (Family.REPORTING, f"/origins?source={PROVINCE}"),
        (Family.REPORTING, f"/origins/shared?source={PROVINCE}&{place}"),
        (Family.EVALUATION, f"/refused?origin={PROVINCE}"),
    ):
        assert nation.ask(family, "GET", address, auth=by).status_code == 200, address
    other = nation.ask(Family.REPORTING, "GET", "/origins?source=/publishers/p-a", auth=by)
    assert (other.status_code, other.json()["code"]) == (403, "not_its_own")
    unit = {"unit_id": "a-1", "name": "Xã", "level": "commune", "parent_id": "a", "codes": []}
    key = key_of(LEDGER, FORWARDING)
    for name, data in (
        ("UnitOpened", {**unit, "occurred_on": OPENED}),
        ("ModelRegistered", registration("9", "a")),
        ("KeyAdded", _said(key_added(LEDGER, 4))["data"]),
    ):
        own = json.dumps(signed(name, data, LEDGER, key=key)).encode()
        answer = nation.ask(
            Family.REGISTRY, "POST", "/events", content=b"[%s]" % own, headers=BATCHED, auth=by
        )
        (item,) = answer.json()["items"]
        assert (item["status"], item["problem"]["code"]) == ("invalid", "unknown_key"), name
        assert key.key_id in item["problem"]["detail"]
        assert "không có khóa ký sự kiện" in item["problem"]["detail"]


def test_a_key_that_only_reads_forwards_nothing(forwarding: Forwarding) -> None:
    answer = forwarding.post(forwarding.sent(), number=RECEIPTS)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_reading_key")
    assert forwarding.origin() == {}


NOT_PROVED = {
    "not signed": {"by": None},
    "signed by another publisher": {"by": "p-a"},
}


@pytest.mark.parametrize("case", NOT_PROVED)
def test_an_origin_is_believed_only_from_its_ledger(forwarding: Forwarding, case: str) -> None:
    sent = forwarding.sent()
    assert set(_codes(forwarding.post(sent, **NOT_PROVED[case]))) == {"origin_unproved"}
    assert forwarding.origin() == {}


def test_a_request_with_another_body_is_refused(forwarding: Forwarding) -> None:
    sent = forwarding.sent()
    signed_one = httpx.Request("POST", "http://test/events", content=b"[" + sent[0] + b"]")
    auth = next(SignedReads(key_of(LEDGER)).auth_flow(signed_one))
    names = ("signature", "signature-input", "content-digest")
    stolen = {name: auth.headers[name] for name in names}
    answer = forwarding.post(sent[:2], None, headers={**BATCHED, **stolen})
    assert (answer.status_code, answer.json()["code"]) == (401, "unreadable_read_signature")
    digest = httpx.Request("POST", "http://test/events", content=b"[" + b",".join(sent[:2]) + b"]")
    other = next(SignedReads(key_of("p-a")).auth_flow(digest)).headers["content-digest"]
    changed = {**BATCHED, **stolen, "content-digest": other}
    answer = forwarding.post(sent[:2], None, headers=changed)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_read_signature")
    old = SignedReads(key_of(LEDGER), lambda: time.time() - 400)
    answer = forwarding.post(sent[:1], auth=old)
    assert answer.json()["code"] == "read_signature_not_now"


def test_a_badly_signed_event_is_refused_in_its_place_and_stops_nothing(
    forwarding: Forwarding,
) -> None:
    province = forwarding.province
    strange = registers("p-a", "3", "a", key=key_of("p-x"))
    province.record(strange)
    province.given(registers("p-a", "4", "a"))
    answers = _codes(forwarding.post(forwarding.sent()))
    assert answers[-2:] == ["unknown_key", "accepted"]
    found = forwarding.origin()
    assert (found["refused"], found["recorded"], found["problem"]) == (1, 3, None)
    listed = forwarding.nation.ask(
        Family.REGISTRY, "GET", f"/refused?origin={PROVINCE}", auth=SignedReads(key_of(LEDGER))
    )
    (refused,) = listed.json()["items"]
    assert refused["originposition"] == found["originposition"] - 1
    assert refused["problem"]["code"] == "unknown_key"


def test_a_gap_and_a_fork_are_said_in_both_languages(forwarding: Forwarding) -> None:
    sent = forwarding.sent()
    forwarding.post(sent[:2])
    answer = forwarding.post(sent[3:])
    problem = answer.json()["items"][0]["problem"]
    assert (problem["code"], problem["next"], problem["head"]) == ("origin_gap", 3, 2)
    assert "vị trí 3" in problem["detail"]
    assert forwarding.origin()["problem"]["code"] == "origin_gap"
    log = forwarding.province.log.as_family(Family.REGISTRY)
    first, third = log.read(0, 1)[0], log.read(2, 1)[0]
    other = sent_on(RecordedEvent.of({**vars(third), "recorded_us": first.recorded_us}))
    answer = forwarding.post([other], headers={**BATCHED, "accept-language": "en"})
    problem = answer.json()["items"][0]["problem"]
    assert problem["code"] == "origin_forked"
    assert "restored" in problem["detail"]
    assert _codes(forwarding.post(sent[2:]))[-1] == "accepted"
    assert forwarding.origin()["problem"] is None
