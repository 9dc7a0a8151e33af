"""Keys, rights given on, and approvals of roots, decided at the head of the log."""

from dataclasses import replace
from typing import Any

import pytest

from shared.errors import BrokenContract
from shared.events.envelope import ReceivedEvent
from shared.trust.keys import KEY_PREFIX, to_base64
from tests.support.cloudevents import country
from tests.support.crooked_signatures import SMALL_ORDER
from tests.support.scenarios import History, given
from tests.support.trusted import (
    ROOTS,
    authorized,
    began,
    key_added,
    key_of,
    signed,
    spoken,
    taken,
)
from tests.support.two_provinces import (
    PROVINCES,
    approved,
    ended,
    ledger,
    registers,
    retracts,
    revoked,
)

# Keys


def test_an_event_of_a_revoked_key_is_refused_whatever_its_days_say() -> None:
    history = ledger(revoked("p-a"))
    old = registers("p-a", "1", "a", time="2025-01-01T00:00:00Z")
    assert history.when(old).code == "key_revoked"


def test_a_key_never_comes_back_and_is_never_anothers() -> None:
    history = ledger(revoked("p-a"))
    assert history.when(key_added("p-a")).code == "key_in_use"
    data = {
        "publisher_id": "p-b",
        "key": key_of("p-a").written,
        "use": "events",
        "proof": key_of("p-a").proof("test.example", "p-b"),
        "occurred_on": "2026-01-01",
    }
    assert history.when(spoken("KeyAdded", data, ROOTS[0])).code == "key_in_use"


def test_a_publisher_has_at_most_four_live_keys() -> None:
    history = ledger(*(key_added("p-a", number) for number in (2, 3, 4)))
    assert history.when(key_added("p-a", 5)).code == "too_many_keys"
    assert history.given(revoked("p-a", 2)).when(key_added("p-a", 5)).accepted


def test_a_key_is_added_only_by_its_holder() -> None:
    history = ledger()
    for proof in (key_of("p-b", 2).proof("test.example", "p-a"), "A" * 86):
        assert history.when(key_added("p-a", 2, proof=proof)).code == "no_possession"
    other_realm = key_of("p-a", 2).proof("test.another", "p-a")
    assert history.when(key_added("p-a", 2, proof=other_realm)).code == "no_possession"


@pytest.mark.parametrize("weak", SMALL_ORDER, ids=lambda key: key.hex()[:8])
def test_a_weak_key_is_never_added(weak: bytes) -> None:
    refused = key_added("p-a", 2, key=KEY_PREFIX + to_base64(weak), proof="A" * 86)
    assert ledger().when(refused).code == "weak_key"


@pytest.mark.parametrize(
    "key",
    [
        "rsa:" + "A" * 43, "none:" + "A" * 43, "none:", "", "ed25519:", "A" * 43, "ED25519:" + "A" * 43,
        "ed25519:" + "A" * 42, "ed25519:" + "A" * 44, "ed25519:" + "A" * 42 + "=", "ed25519:" + "A" * 42 + "+",
        "ed25519:" + "A" * 60_000, "-----BEGIN PUBLIC KEY-----", "ed25519:" + "A" * 43 + "\n", None, 5, ["ed25519:"],
    ],
    ids=lambda key: repr(key)[:24],
)  # fmt: skip
def test_a_key_of_another_kind_is_refused_before_it_is_parsed(key: object) -> None:
    about = {"subject": "publisher/p-a"}
    with pytest.raises(BrokenContract) as refused:
        taken(signed("KeyAdded", {**_key("p-a", 2), "key": key}, ROOTS[0], **about))
    assert refused.value.problem.rule.status == 422
    assert [error.pointer for error in refused.value.problem.errors] in (["/data/key"], [])


@pytest.mark.parametrize(
    "publisher",
    ["..", ".", "_unreadable", "Hue", "HUE", "hu\u0435", "a/b", "a b", "-a", "a\n", "a" * 64, "a%2e", "", "h\u00fc"],
    ids=ascii,
)  # fmt: skip
def test_a_publisher_has_no_name_of_a_path_and_none_that_looks_like_anothers(
    publisher: str,
) -> None:
    data = {"publisher_id": publisher, "grant_id": "g-1", "unit_id": "a", "families": ["registry"],
            "powers": ["publish"], "speaks_from": "2026-01-01", "occurred_on": "2026-01-01"}  # fmt: skip
    with pytest.raises(BrokenContract):
        taken(signed("PublisherAuthorized", data, ROOTS[0], subject=f"publisher/{publisher}"))
    with pytest.raises(BrokenContract):
        taken(
            signed(
                "KeyAdded",
                _key("p-a", 2) | {"publisher_id": publisher},
                ROOTS[0],
                subject="publisher/p-a",
            )
        )


def test_a_live_key_adds_one_and_revokes_itself_but_not_its_siblings() -> None:
    history = ledger(key_added("p-a", 2, by="p-a"))
    assert history.when(revoked("p-a", 2, by="p-a")).code == "not_the_grantor"
    itself = revoked("p-a", 2, by="p-a", key=key_of("p-a", 2))
    assert history.when(itself).accepted
    assert history.when(key_added("p-b", 2, by="p-a")).code == "not_the_grantor"
    assert history.when(revoked("p-b", by="p-a")).code == "not_the_grantor"


def test_what_a_compromised_key_added_goes_with_it() -> None:
    history = ledger(
        key_added("p-a", 2, by="p-a"),
        spoken("KeyAdded", _key("p-a", 3), "p-a", key=key_of("p-a", 2)),
        key_added("p-a", 4),
        revoked("p-a", why="compromised"),
    )
    codes = [
        history.when(registers("p-a", "1", "a", key=key_of("p-a", number))).code
        for number in (1, 2, 3, 4)
    ]
    assert codes == ["key_revoked"] * 3 + [None]


def test_a_key_that_is_lost_takes_no_other_along() -> None:
    history = ledger(key_added("p-a", 2, by="p-a"), revoked("p-a", why="lost"))
    assert history.when(registers("p-a", "1", "a", key=key_of("p-a", 2))).accepted


def _key(publisher: str, number: int) -> dict[str, Any]:
    key = key_of(publisher, number)
    return {
        "publisher_id": publisher,
        "key": key.written,
        "use": "events",
        "proof": key.proof("test.example", publisher),
        "occurred_on": "2026-01-01",
    }


@pytest.mark.parametrize("use", ["receipts", "witness", "forwarding"])
def test_a_key_for_another_use_signs_no_events(use: str) -> None:
    history = ledger(key_added("p-a", 2, use=use))
    assert history.when(registers("p-a", "1", "a", key=key_of("p-a", 2))).code == "unknown_key"


def test_a_right_that_ended_gives_nothing() -> None:
    history = ledger(ended("p-a", "p-a.a"))
    assert history.when(registers("p-a", "1", "a")).code == "outside_grant"
    assert history.when(ended("p-a", "p-a.a")).code == "no_such_grant"
    assert history.when(authorized("p-a", "a")).code == "grant_id_used"


# Delegation


def delegating(**data: Any) -> History:
    right = authorized("p-a", "a", powers=["publish", "grant"], **data)
    history = given(country(), *PROVINCES, began(), right, key_added("p-a"))
    return history.given(authorized("p-b", "b"), key_added("p-b"))


def test_a_right_is_given_on_below_its_own_and_ends_with_it() -> None:
    history = delegating()
    on = authorized("p-a1", "a1", by="p-a", under="p-a.a")
    history.given(on, key_added("p-a1", by="p-a"))
    assert history.when(registers("p-a1", "1", "a1")).accepted
    assert history.when(registers("p-a1", "1", "a")).code == "outside_grant"
    history.given(ended("p-a", "p-a.a"))
    assert history.when(registers("p-a1", "1", "a1")).code == "outside_grant"


@pytest.mark.parametrize(
    ("wider", "field"),
    [
        ({"unit_id": "b1"}, "unit_id"),
        ({"unit_id": "vn"}, "unit_id"),
        ({"families": ["registry", "evaluation"]}, "families"),
        ({"powers": ["correct"]}, "powers"),
        ({"speaks_from": "2003-01-01"}, "speaks_from"),
        ({"speaks_to": None}, "speaks_from"),
        ({"facts_to": None}, "facts_from"),
        ({"id_prefixes": None}, "id_prefixes"),
        ({"id_prefixes": ["b."]}, "id_prefixes"),
        ({"publisher_id": "p-a"}, "publisher_id"),
        ({"publisher_id": ROOTS[0]}, "publisher_id"),
    ],
)
def test_a_right_given_on_is_never_wider(wider: dict[str, Any], field: str) -> None:
    limits: dict[str, Any] = {
        "families": ["registry"],
        "speaks_to": "2030-01-01",
        "facts_to": "2030-01-01",
        "id_prefixes": ["a."],
    }
    history = delegating(**limits)
    narrow = {"unit_id": "a1", "id_prefixes": ["a.1."], "grant_id": "g-x"}
    inside = {**limits, **narrow, "under": "p-a.a"}
    assert history.when(authorized("p-x", by="p-a", **inside)).accepted
    data = {**inside, "publisher_id": "p-x", **wider}
    verdict = history.when(authorized("p-x", data.pop("unit_id"), by="p-a", **data))
    assert verdict.code == "delegation_too_wide"
    assert field in verdict.says


def test_rights_are_given_on_three_deep_and_never_in_a_circle() -> None:
    history = delegating()
    both = ["publish", "grant"]
    for giver, under, taker in (("p-a", "p-a.a", "p-2"), ("p-2", "p-2.a", "p-3")):
        right = authorized(taker, "a", by=giver, under=under, powers=both)
        history.given(right, key_added(taker, by=giver))
    back = authorized("p-a", "a1", by="p-3", under="p-3.a")
    assert history.when(back).code == "delegation_too_wide"
    deeper = authorized("p-4", "a", by="p-3", under="p-3.a")
    assert history.when(deeper).code == "delegation_too_wide"


def test_nobody_gives_what_is_anothers_or_what_they_do_not_have() -> None:
    history = delegating()
    for under in ("p-a.a", "none", None):
        right = authorized("p-x", "b", by="p-b", under=under)
        assert history.when(right).code == "no_such_grant"
    own = authorized("p-x", "b", by="p-b", under="p-b.b")
    assert history.when(own).code == "delegation_too_wide"


# Roots


def test_an_event_of_a_root_takes_effect_when_a_second_root_has_approved_it() -> None:
    history = ledger(threshold=2)
    right, key = authorized("p-a", "a"), key_added("p-a")
    history.given(right, key, approved(key, by=ROOTS[1]))
    assert history.when(registers("p-a", "1", "a")).code == "outside_grant"
    assert history.when(approved(right, by=ROOTS[0])).code == "approved_already"
    assert history.when(approved(right, by="p-a")).code == "outside_grant"
    history.given(approved(right, by=ROOTS[2]))
    assert history.when(registers("p-a", "1", "a")).accepted
    assert history.when(approved(right, by=ROOTS[1])).code == "nothing_to_approve"


def test_what_became_impossible_is_not_approved() -> None:
    history = ledger(threshold=2)
    first, second = authorized("p-a", "a"), authorized("p-b", "b", grant_id="p-a.a")
    history.given(first, second, approved(second, by=ROOTS[1]))
    assert history.when(approved(first, by=ROOTS[1])).code == "grant_id_used"


def test_a_root_revokes_its_own_key_at_once() -> None:
    history = ledger(threshold=2).given(revoked(ROOTS[0], by=ROOTS[0]))
    assert history.when(authorized("p-a", "a")).code == "key_revoked"


def test_trust_begins_once_with_keys_that_are_held() -> None:
    assert ledger().when(spoken("TrustBegan", _again(), ROOTS[0])).code == "trust_began_already"
    weak = _again()
    weak["roots"][0]["key"] = "ed25519:" + "A" * 43
    assert History().when(_unsigned(spoken("TrustBegan", weak, ROOTS[0]))).code == "weak_key"
    moved = {**_again(), "realm": "test.another"}
    assert History().when(_unsigned(spoken("TrustBegan", moved, ROOTS[0]))).code == "no_possession"


def _again() -> dict[str, Any]:
    roots = [
        {"publisher_id": r, "key": key_of(r).written, "proof": key_of(r).proof("test.example", r)}
        for r in ROOTS
    ]
    return {"realm": "test.example", "roots": roots, "threshold": 1}


def _unsigned(event: ReceivedEvent) -> ReceivedEvent:
    return replace(event, signing=None)


def test_authority_events_are_never_retracted_and_mean_nothing_before_trust() -> None:
    right = authorized("p-c", "a")
    history = ledger(right)
    assert history.when(retracts(ROOTS[0], right)).code == "event_not_retractable"
    before = _unsigned(authorized("p-c", "a"))
    assert given(country(), *PROVINCES).when(before).code == "trust_not_begun"


def test_a_service_that_starts_again_decides_the_same() -> None:
    history = ledger(revoked("p-b")).restarted()
    assert history.when(registers("p-a", "1", "a")).accepted
    assert history.when(registers("p-a", "1", "b")).code == "outside_grant"
    assert history.when(registers("p-b", "1", "b")).code == "key_revoked"
