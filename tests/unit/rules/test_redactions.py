"""A redaction replaces free texts of an event of the same publisher, and nothing else."""

import json
from hashlib import sha256
from typing import Any

import pytest

from shared.errors import BrokenContract
from shared.events.acceptance.receive import receive
from shared.events.canonical_json import canonical
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent, as_stated, feed_item, from_feed
from shared.events.redacted_record import digest_of, free_texts, original_digest, stated
from shared.rules.redaction import FINAL, Redactable, record_after
from shared.trust.event_signature import EventSignature
from shared.trust.merkle import leaf_hash
from shared.trust.signing import signed_events
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country, received, registration, unit
from tests.support.event_builders import granted, registered
from tests.support.redactions import NAME, redaction_of, redacts, redacts_signed
from tests.support.scenarios import History, given
from tests.support.trusted import REALM, authorized, key_added, key_of, taken
from tests.support.two_provinces import ledger, registers

TITLE = f"Mô hình của bà {NAME}"
NEW = {"/title": "Mô hình của [đã che]"}
NOW_US = 1_900_000_000_000_000


def history(**data: Any) -> tuple[History, RecordedEvent]:
    """Return a log whose last event names a person in its title, and that event."""
    log = given(country(), unit("a"), registered("1", unit_id="a", title=TITLE, **data))
    return log, last(log)


def last(log: History) -> RecordedEvent:
    reader = log.log.as_family(Family.REGISTRY)
    return reader.read(reader.head().position - 1, 1)[0]


def after(event: RecordedEvent, redaction: ReceivedEvent) -> bytes:
    payload = redaction.payload
    return record_after(Redactable(event), payload)  # type: ignore[arg-type]


def test_the_publisher_replaces_the_title_and_all_else_is_repeated() -> None:
    log, event = history(note="giữ nguyên", outputs=[{"metric": "ha", "target": 1.5}])
    redaction = redacts(event, NEW)
    assert log.when(redaction).accepted
    record = after(event, redaction)
    original, written = json.loads(event.body), json.loads(record)
    assert written.pop("originaldigest") == sha256(event.body).hexdigest()
    assert written["data"].pop("title") == NEW["/title"]
    assert original["data"].pop("title") == TITLE
    assert written == original
    assert NAME.encode() not in record


def test_a_redacted_record_states_the_digest_of_the_original_which_is_taken_on_demand_only() -> (
    None
):
    _, event = history()
    record = after(event, redacts(event, NEW))
    values = {**vars(event), "body": record}
    again = from_feed(feed_item(RecordedEvent.of(values)))
    assert again.digest == sha256(record).digest(), "what Redis brings must continue the chain"
    assert (as_stated(again).digest, again.body) == (event.digest, record)
    assert as_stated(event) is event
    assert original_digest(event.body) is None
    assert digest_of(record) == digest_of(event.body) == event.digest


def test_a_field_of_the_data_named_like_the_attribute_redacts_nothing() -> None:
    tail = {"originaldigest": "0" * 64, "source": "/publishers/x", "type": "t"}
    targets = {**tail, "specversion": "1.0", "subject": "s", "time": "t"}
    document = {"kind": "kế hoạch"}
    plan = {"org_id": "o", "plan_year": 2022, "unit_id": "vn", "document": document}
    event = received("PlanIssued", {**plan, "targets": targets})
    assert original_digest(event.body) is None


@pytest.mark.parametrize(
    "field",
    [
        "/unit_id",
        "/plan_year",
        "/registration_id",
        "/field_code",
        "/owner_kind",
        "/occurred_on",
        "/level",
        "/legal_basis/0/number",
        "/outputs/0/target",
        "/situation",  # the event has none
        "/title/0",
    ],
)
def test_a_replacement_of_anything_but_a_free_text_is_refused(field: str) -> None:
    log, event = history(
        legal_basis=[{"kind": "kế hoạch", "number": "1"}], outputs=[{"metric": "ha", "target": "x"}]
    )
    verdict = log.when(redacts(event, {field: "khac"}))
    assert verdict.code == "not_free_text"
    assert NAME not in verdict.says


def test_a_text_that_does_not_fit_its_field_is_refused_without_repeating_any() -> None:
    log, event = history()
    for text in ("a" * 501, "hai\ndòng"):
        verdict = log.when(redacts(event, {"/title": text}))
        assert verdict.code == "redacted_text_unfit"
        assert NAME not in verdict.says


def test_a_record_that_changes_more_than_the_texts_is_refused() -> None:
    log, event = history()
    changed = json.loads(after(event, redacts(event, NEW)))
    changed["data"]["plan_year"] = 2023
    other = json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    forged = stated(sha256(other).digest())
    assert log.when(redacts(event, NEW, record=forged)).code == "redacted_record_differs"


@pytest.mark.parametrize(
    "wrong",
    [{"position": 1}, {"position": 99}, {"digest": stated(bytes(32))}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_redaction_of_an_event_that_is_not_there_is_refused(wrong: dict[str, Any]) -> None:
    log, event = history()
    assert log.when(redacts(event, NEW, **wrong)).code == "redacted_event_unknown"


def test_a_redaction_belongs_to_the_stream_of_its_event() -> None:
    log, event = history()
    other = received("EventRedacted", redaction_of(event, NEW), subject="unit/a")
    assert log.when(other).code == "redacted_event_unknown"


def test_another_publisher_or_service_redacts_nothing_before_trust() -> None:
    log, event = history()
    foreign = redacts(event, NEW, source="/publishers/other")
    assert log.when(foreign).code == "redaction_by_another_source"
    log.given(granted("1", unit_id="a", note=f"cho {NAME}"))
    award = redacts(last(log), {"/note": "cho [đã che]"})
    assert log.when(award, service=Family.REGISTRY).code == "event_not_redactable"
    assert log.when(award, service=Family.EVALUATION).accepted


def test_keys_grants_closings_and_redactions_are_never_redacted() -> None:
    names = {payload.NAME for payload in FINAL}
    assert names == {
        *("TrustBegan", "PublisherAuthorized", "GrantEnded", "KeyAdded", "KeyRevoked"),
        *("AuthorityApproved", "PeriodClosed", "PeriodReopened", "EventRedacted"),
    }
    log, event = history()
    log.given(redacts(event, NEW, note=f"theo đơn của {NAME}"))
    again = redacts(last(log), {"/note": "theo đơn"})
    assert log.when(again).code == "event_not_redactable"


def test_a_second_redaction_keeps_what_the_first_replaced() -> None:
    log, event = history(note=f"{NAME} phụ trách")
    first = redacts(event, NEW)
    log.given(first)
    alone = redacts(event, {"/note": "phụ trách"})
    assert log.when(alone).code == "redacted_record_differs"
    both = after(event, redacts(event, {**NEW, "/note": "phụ trách"}))
    second = redacts(event, {"/note": "phụ trách"}, record=stated(sha256(both).digest()))
    assert log.when(second).accepted


def test_with_trust_a_right_to_correct_the_unit_is_asked_of_another_publisher() -> None:
    log = ledger(registers("p-a", "1", "a1"))
    event = last(log)
    assert log.when(redacts_signed(event, NEW, "p-a")).accepted
    assert log.when(redacts_signed(event, NEW, "p-b")).code == "outside_grant"
    log.given(
        authorized("p-c", "a", powers=["publish"]),
        key_added("p-c"),
        authorized("p-d", "a", powers=["correct"]),
        key_added("p-d"),
        authorized("p-e", "b", powers=["correct"]),
        key_added("p-e"),
    )
    assert log.when(redacts_signed(event, NEW, "p-c")).code == "outside_grant"
    assert log.when(redacts_signed(event, NEW, "p-d")).accepted
    assert log.when(redacts_signed(event, NEW, "p-e")).code == "outside_grant"


def test_no_guess_at_a_redacted_name_can_be_confirmed_without_the_salt() -> None:
    """All other fields, the old signature and the path of a neighbour are known."""
    log = ledger()
    named, neighbour = (
        cloudevent("ModelRegistered", registration(n, "a1", title=TITLE), source="/publishers/p-a")
        for n in "12"
    )
    first, second = signed_events([named, neighbour], key_of("p-a"), REALM)
    log.given(taken(first))
    event = last(log)
    log.given(redacts_signed(event, NEW, "p-a"))
    record = after(event, redacts_signed(event, NEW, "p-a"))
    kept = json.loads(record)
    assert kept["signkey"] == first["signkey"], "the key that signed it is still named"
    assert not {"signature", "signsalt"} & kept.keys()
    reader = log.log.as_family(Family.REGISTRY)
    others = b"".join(e.body for e in reader.read(0, 99) if e.position != event.position)
    assert first["signsalt"].encode() not in record + others

    path = EventSignature.read(second["signature"])
    assert path is not None

    def confirms(guess: dict[str, Any]) -> bool:
        unsigned = canonical({name: value for name, value in guess.items() if name != "signature"})
        whole = sha256(canonical(guess)).digest() == event.digest
        return whole or leaf_hash(unsigned) == path.path[0]

    guess = json.loads(event.body)
    assert confirms(guess), "the salt and the signature would confirm the name"
    for salt in ("", "A" * 22, second["signsalt"], kept["signkey"]):
        assert not confirms({**guess, "signsalt": salt})
    assert not confirms({name: value for name, value in guess.items() if name != "signsalt"})


def test_the_door_takes_no_event_that_claims_to_be_redacted() -> None:
    claimed = cloudevent("UnitOpened", {"unit_id": "x"}, subject="unit/x", originaldigest="0" * 64)
    with pytest.raises(BrokenContract) as refused:
        receive(json.dumps(claimed).encode(), now_us=NOW_US, family=Family.REGISTRY)
    assert refused.value.problem.rule.code == "invalid_envelope"


def test_free_texts_are_the_written_words_and_never_what_is_counted() -> None:
    counted = (
        *("unit_id", "plan_year", "programme", "field_code", "block_code", "owner_kind", "tier"),
        *("level", "classification", "award_form", "metric", "value", "number", "name", "kind"),
    )
    for event in CATALOGUE.values():
        for path in free_texts(event.payload):
            assert not set(path) & set(counted), (event.name, path)
    assert ("title",) in free_texts(CATALOGUE["dvk.ModelRegistered.v1"].payload)
    session = free_texts(CATALOGUE["dvk.ReviewSessionHeld.v1"].payload)
    assert {("attendance", "**"), ("minutes", "title")} <= session
