"""Once trust has begun, a person is named by a reference of a vault and by nothing else."""

import json
from hashlib import sha256
from typing import Any

import pytest

from shared.clock import system_clock
from shared.errors import BrokenContract
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.schemas.json_schema import event_schema
from shared.rules.person_references import NOT_A_REFERENCE, fields_of
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country, received, registration, unit
from tests.support.scenarios import given
from tests.support.trusted import spoken
from tests.support.two_provinces import ledger

REFERENCE = "p-abcdefghijklmnopqrstuvwx27"
CITIZEN = "012345678901"
NO_REFERENCES = [
    "LoThiHoa",
    CITIZEN,
    sha256(CITIZEN.encode()).hexdigest(),
    f"p-{CITIZEN}",
    "p-" + sha256(CITIZEN.encode()).hexdigest()[:26],  # base32 has no 0, 1, 8, 9
    REFERENCE.upper(),
    REFERENCE[:-1],
    f"{REFERENCE}a",
]
_OF_AWARD = {"award_form": "giay-khen", "unit_id": "a", "plan_year": 2022}


def _recipient(reference: str) -> dict[str, Any]:
    return {"recipient": {"kind": "individual", "person_ref": reference}}


def named(reference: str) -> dict[str, ReceivedEvent]:
    """Return one event for each field that names a person."""
    owner = {"owner_kind": "individual", "owner_person_ref": reference}
    award = {**_OF_AWARD, **_recipient(reference), "award_id": "a-1"}
    decision = {"decision": {"kind": "quyết định", "number": "1", "signed_on": "2022-11-01"}}
    granted = {**award, **decision, "grantor_org_id": "o", "basis": {"kind": "model"}}
    data: dict[str, dict[str, Any]] = {
        "ModelRegistered": {**registration("1", "a"), **owner},
        "ModelAmended": {"registration_id": "r-1", "reason": "sửa", "changes": owner},
        "AwardProposed": award,
        "AwardGranted": granted,
        "AwardAmended": {"award_id": "a-1", "reason": "sửa", "changes": _recipient(reference)},
        "ExemplarCommended": {
            "commendation_id": "c-1",
            "unit_id": "a",
            "plan_year": 2022,
            "occasion": "Hội nghị",
            **_recipient(reference),
        },
    }
    return {
        name: spoken(name, {"occurred_on": "2022-12-01", **each}, "p-a")
        for name, each in data.items()
    }


@pytest.mark.parametrize("written", NO_REFERENCES)
def test_a_name_a_citizen_number_or_its_hash_is_no_reference(written: str) -> None:
    history = ledger()
    for name, event in named(written).items():
        assert history.when(event).code == "not_a_reference", name
    assert NOT_A_REFERENCE.status == 422


def test_the_refusal_does_not_repeat_what_was_written() -> None:
    for event in named(NO_REFERENCES[0]).values():
        assert NO_REFERENCES[0] not in ledger().when(event).says


def test_a_reference_of_a_vault_is_accepted_or_waits_for_other_things() -> None:
    history = ledger()
    verdicts = {name: history.when(event) for name, event in named(REFERENCE).items()}
    assert verdicts["ModelRegistered"].accepted
    assert {each.code for each in verdicts.values()} == {None}


def test_before_trust_references_are_as_their_publishers_have_them() -> None:
    data = {**registration("1", "a"), "owner_kind": "individual", "owner_person_ref": "nv-12"}
    assert given(country(), unit("a")).when(received("ModelRegistered", data)).accepted


def test_every_field_of_the_contract_that_names_a_person_is_looked_at() -> None:
    fields = {event.name: fields_of(event.payload) for event in CATALOGUE.values()}
    looked_at = {name for name, paths in fields.items() if paths}
    assert looked_at == {*named(REFERENCE), "PersonErased"}
    for event in CATALOGUE.values():
        stated = json.dumps(event_schema(event)).count('person_ref": {"')
        assert stated == len(fields[event.name]), event.name


@pytest.mark.parametrize("written", ["Lò Thị Hòa", "a b", "", "x" * 65])
def test_a_name_as_it_is_written_is_refused_at_the_door_which_does_not_repeat_it(
    written: str,
) -> None:
    data = {**registration("1", "a"), "owner_kind": "individual", "owner_person_ref": written}
    event = cloudevent("ModelRegistered", data, subject="registration/r-1")
    sent = json.dumps(event).encode()
    with pytest.raises(BrokenContract) as refused:
        receive(sent, now_us=system_clock(), family=Family.REGISTRY)
    problem = refused.value.problem
    assert problem.rule.status == 422
    assert not written or written not in str(problem)
