"""Once trust began, what became of events is read by their publisher alone, and by operators."""

import json
import time
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from services.console.commands import publish as publishing
from services.console.output.texts import Terminal
from services.console.trust.beginning import begin
from shared.client.delivery import Delivery, Undeliverable
from shared.client.signed_reads import SignedReads
from shared.events.envelope import ReceivedEvent
from shared.settings import Settings
from shared.trust.keys import SecretKey
from shared.trust.reads.request_signature import SignedRequest
from shared.trust.signing import Signer
from shared.vocabulary import Family, OfficerRole
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.guarded_ledger import role_granted
from tests.support.http_clients import BATCHED
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.people_pages import OneBrowser, officer
from tests.support.small_ledger import SmallLedger, small_ledger
from tests.support.trusted import REALM, ROOTS, authorized, key_added, key_of, signed
from tests.support.two_provinces import revoked

OPENED = "2004-01-01"
SERVICES = tuple(Family)
A, B = "/publishers/p-a", "/publishers/p-b"


class Reading(NamedTuple):
    """A ledger of two publishers, each with a recorded, two parked and a refused event."""

    ledger: SmallLedger
    ids: dict[tuple[str, str], str]
    operator: str
    reader: str

    def ask(
        self,
        address: str,
        publisher: str = "p-a",
        *,
        by: SecretKey | None = None,
        family: Family = Family.REGISTRY,
        seconds: float = 0,
        **options: Any,
    ) -> httpx.Response:
        auth = SignedReads(by or key_of(publisher), lambda: time.time() + seconds)
        return self.ledger.ask(family, options.pop("method", "GET"), address, auth=auth, **options)

    def receipt(self, publisher: str, outcome: str) -> str:
        return f"/receipts?source=/publishers/{publisher}&id={self.ids[publisher, outcome]}"


def _unit(unit_id: str, level: str, parent_id: str) -> dict[str, Any]:
    unit = {"unit_id": unit_id, "name": f"Đơn vị {unit_id}", "level": level, "codes": []}
    return {**unit, "parent_id": parent_id, "occurred_on": OPENED}


def _said(event: ReceivedEvent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.body)
    return found


def _sent(ledger: SmallLedger, event: dict[str, Any]) -> dict[str, Any]:
    answer = ledger.ask(
        Family.REGISTRY, "POST", "/events", content=json.dumps([event]), headers=BATCHED
    )
    (item,) = answer.json()["items"]
    return dict(item)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    home = tmp_path_factory.mktemp("reading")
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    digest = begin(settings, REALM, {ROOTS[0]: key_of(ROOTS[0])}, 1)
    operator, reader = officer(home, "operator"), officer(home, "reader")
    land = [
        signed(name, data, ROOTS[0])
        for name, data in (
            ("UnitOpened", {**COUNTRY, "occurred_on": OPENED}),
            *(("UnitOpened", _unit(each, "province", "vn")) for each in "ab"),
            *(("UnitOpened", _unit(f"{each}1", "commune", each)) for each in "ab"),
            ("RoleGranted", role_granted(operator, OfficerRole.OPERATOR, "vn")["data"]),
            ("RoleGranted", role_granted(reader, OfficerRole.READER, "vn")["data"]),
        )
    ]
    land += [
        _said(event)
        for each in "ab"
        for event in (authorized(f"p-{each}", each), key_added(f"p-{each}"))
    ]
    for number, use in ((2, "receipts"), (3, "witness"), (4, "events")):
        land.append(_said(key_added("p-a", number, use=use)))
    ids = {}
    with small_ledger(home, land, DVK_TRUST=digest) as ledger:
        for each in "ab":
            for outcome, name, data in (
                ("accepted", "ModelRegistered", registration(each, f"{each}1")),
                (
                    "parked",
                    "RegistrationWithdrawn",
                    {"registration_id": f"{each}-x", "reason": "x"},
                ),
                (
                    "parked",
                    "RegistrationWithdrawn",
                    {"registration_id": f"{each}-y", "reason": "x"},
                ),
                ("refused", "ModelRegistered", registration(each, f"{each}1")),
            ):
                event = signed(name, data, f"p-{each}")
                item = _sent(ledger, event)
                assert item["status"] == outcome, item
                ids[f"p-{each}", outcome] = event["id"]
        yield Reading(ledger, ids, "operator", "reader")


def test_a_publisher_reads_its_own_and_again_within_the_window(reading: Reading) -> None:
    for outcome in ("accepted", "parked", "refused"):
        answers = [reading.ask(reading.receipt("p-a", outcome)) for _ in "12"]
        assert [each.json()["status"] for each in answers] == [outcome, outcome]
    for family in SERVICES:
        answer = reading.ask(reading.receipt("p-a", "accepted"), family=family)
        assert answer.json()["status"] == "accepted"
    for path, count in (("/parked", 2), ("/refused", 1)):
        rows = reading.ask(f"{path}?source={A}").json()["items"]
        assert [row["source"] for row in rows] == [A] * count
        table = reading.ask(f"{path}?source={A}&format=csv").text
        assert A in table
        assert B not in table


def test_what_is_anothers_is_refused_by_id_filter_and_cursor(reading: Reading) -> None:
    foreign = [reading.receipt("p-b", outcome) for outcome in ("accepted", "parked", "refused")]
    nowhere = f"/receipts?source={B}&id=no-such-event"
    lists = [
        f"{path}{query}"
        for path in ("/parked", "/refused")
        for query in ("", f"?source={B}", f"?source={A}&source={B}", f"?source={B}&source={A}")
    ]
    for family in SERVICES:
        answers = [reading.ask(each, family=family) for each in (*foreign, nowhere, *lists)]
        assert {each.status_code for each in answers} == {403}
        assert len({json.dumps(each.json(), sort_keys=True) for each in answers}) == 1
    mine = reading.receipt("p-a", "accepted").replace("p-a", "p-b")
    assert reading.ask(mine).status_code == 403
    of_b = reading.ask(f"/parked?source={B}&limit=1", "p-b").json()
    assert of_b["next"]
    with_its_cursor = reading.ask(f"/parked?source={A}&cursor={of_b['next']}")
    assert B not in with_its_cursor.text
    of_a = reading.ask(f"/parked?source={A}&limit=1").json()
    own = reading.ask(f"/parked?source={A}&limit=1&cursor={of_a['next']}").json()["items"]
    assert [row["source"] for row in own] == [A]


def test_without_a_signature_only_operators_read(reading: Reading) -> None:
    addresses = (reading.receipt("p-a", "accepted"), f"/parked?source={A}", "/parked", "/refused")
    for name, status in ((None, 401), (reading.reader, 403), (reading.operator, 200)):
        browser = OneBrowser(reading.ledger.apps[Family.REGISTRY], reading.ledger.loop)
        if name is not None:
            signing = OneBrowser(reading.ledger.apps[Family.REPORTING], reading.ledger.loop)
            assert signing.sign_in(name).status_code == 303
            browser.carry(signing.token)
        assert [browser.get(each).status_code for each in addresses] == [status] * 4
        # A signature that is not right is not helped by a session.
        bad = browser.get(addresses[0], headers={"Signature": "dvk=::", "Signature-Input": "dvk"})
        assert bad.status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-310, 401), (-290, 200), (290, 200), (310, 401)])
def test_a_signature_holds_for_five_minutes(reading: Reading, seconds: int, status: int) -> None:
    answer = reading.ask(reading.receipt("p-a", "accepted"), seconds=seconds)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "read_signature_not_now"


def test_a_signature_for_one_request_opens_no_other(reading: Reading) -> None:
    address = reading.receipt("p-a", "accepted")
    path, _, query = address.partition("?")

    def status(family: Family = Family.REGISTRY, method: str = "GET", **signed_as: str) -> int:
        right = {"method": method, "authority": "test", "path": path, "query": query}
        request = SignedRequest(**{**right, **signed_as})
        headers = request.signed(key_of("p-a"), int(time.time()))
        return reading.ledger.ask(family, method, address, headers=headers).status_code

    assert status() == 200
    assert status(method="HEAD") == 200
    assert status(authority="TEST:80") == 200
    assert status(path="/registry/receipts") == 200  # as a proxy with prefixes is asked
    assert status(Family.EVALUATION, path="/evaluation/receipts") == 200
    assert status(Family.EVALUATION, path="/registry/receipts") == 401
    assert status(Family.REPORTING, path="/reporting/receipts") == 401
    for other in (
        {"authority": "other.example"},
        {"authority": "test:8080"},
        {"path": "/parked"},
        {"query": query + "&"},
        {"query": ""},
    ):
        assert status(**other) == 401


def test_a_request_with_a_body_is_not_of_the_profile(reading: Reading) -> None:
    answer = reading.ask(reading.receipt("p-a", "accepted"), content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, "unreadable_read_signature")


def test_the_key_is_live_and_for_events_or_receipts(reading: Reading) -> None:
    address = reading.receipt("p-a", "accepted")
    assert reading.ask(address, by=key_of("p-a", 2)).status_code == 200
    for key in (key_of("p-a", 3), key_of("nobody")):
        answer = reading.ask(address, by=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_reading_key")
    for family in SERVICES:
        assert reading.ask(address, by=key_of("p-a", 4), family=family).status_code == 200
    reading.ledger.publish([_said(revoked("p-a", 4))])
    for family in SERVICES:  # also where nothing was appended since
        answer = reading.ask(address, by=key_of("p-a", 4), family=family)
        assert (answer.status_code, answer.json()["code"]) == (403, "key_revoked")


def test_what_a_signature_opens_is_private_and_not_stored(reading: Reading) -> None:
    for address in (reading.receipt("p-a", "accepted"), reading.receipt("p-b", "accepted")):
        answer = reading.ask(address)
        assert answer.headers.get_list("cache-control") == ["private, no-store"]


def test_an_interrupted_publication_goes_on_by_receipts_that_its_key_reads(
    reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.jsonl"
    events = [
        cloudevent("ModelRegistered", registration(f"cut-{n}", "a1"), source=A) for n in range(3)
    ]
    file.write_text("\n".join(map(json.dumps, events)), "utf-8")
    sent = Delivery.send

    def cut(delivery: Delivery, family: Family, lines: Sequence[bytes], **options: Any) -> Any:
        if b"cut-2" in lines[0]:
            raise Undeliverable("cut")
        return sent(delivery, family, lines, **options)

    monkeypatch.setattr("shared.client.delivery.MAX_EVENTS", 1)
    monkeypatch.setattr(publishing, "client_for", lambda _to, _seconds: client_of(reading.ledger))
    monkeypatch.setattr(publishing, "addresses_at", lambda _to, _client: ADDRESSES)

    def published() -> tuple[int, str]:
        text = StringIO()
        signer = Signer(key_of("p-a"), REALM)
        return publishing.publish(file, "", Terminal(file=text, width=120), signer), text.getvalue()

    with monkeypatch.context() as interrupting:
        interrupting.setattr(Delivery, "send", cut)
        assert published()[0] == 2
    code, said = published()
    assert code == 0
    assert "Tiếp tục từ dòng 3" in said


def test_receipts_are_held_for_the_key_of_their_publisher_alone(reading: Reading) -> None:
    event = signed("ModelRegistered", registration("again", "a1"), "p-a")
    item = _sent(reading.ledger, event)
    with client_of(reading.ledger) as client:
        delivery = Delivery(client, ADDRESSES, reads=SignedReads(key_of("p-a")))
        assert delivery.holds(item)
        assert not delivery.holds({**item, "chain": "0" * 64})
        with pytest.raises(Undeliverable, match="401"):
            Delivery(client, ADDRESSES).holds(item)


def test_before_trust_began_what_became_of_events_is_open(tmp_path_factory: Any) -> None:
    opened = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    with small_ledger(tmp_path_factory.mktemp("untrusted"), [opened]) as ledger:
        address = f"/receipts?source={opened['source']}&id={opened['id']}"
        assert ledger.ask(Family.REGISTRY, "GET", address).status_code == 200
        assert ledger.ask(Family.REGISTRY, "GET", "/parked").status_code == 200
