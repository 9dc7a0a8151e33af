"""Events as short sentences, for rules: a registration is made, an award granted, a unit closed."""

from typing import Any

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import received, recognition, registration

DECISION = {"kind": "decision", "number": "01-QĐ/TU", "signed_on": "2022-12-01"}


def registered(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that registration r-<number> of model m-<number> is made for 2022 in the country."""
    return received("ModelRegistered", registration(number, **data))


def amended(number: str = "1", occurred_on: str = "2022-04-01", **changes: Any) -> ReceivedEvent:
    """Say that registration r-<number> is corrected on a day."""
    data = {"registration_id": f"r-{number}", "reason": "sửa", "changes": changes}
    return received("ModelAmended", {**data, "occurred_on": occurred_on})


def withdrawn(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that registration r-<number> is withdrawn."""
    return received(
        "RegistrationWithdrawn", {"registration_id": f"r-{number}", "reason": "rút", **data}
    )


def discontinued(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that model m-<number> is no longer carried on in 2022."""
    stated = {"model_id": f"m-{number}", "plan_year": 2022, "reason": "dừng", **data}
    return received("ModelDiscontinued", stated)


def recognized(number: str = "1", tier: str = "recognized", **data: Any) -> ReceivedEvent:
    """Say that registration r-<number> is recognized in a tier."""
    return received("ModelRecognized", recognition(number, tier, **data))


def revoked(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that the recognition of registration r-<number> is taken back."""
    stated = {"registration_id": f"r-{number}", "reason": "hủy", "occurred_on": "2022-12-20"}
    return received("RecognitionRevoked", {**stated, **data})


def of_award(name: str, number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that something happened to award a-<number>."""
    return received(name, {"award_id": f"a-{number}", "occurred_on": "2022-12-10", **data})


def proposed(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that award a-<number> is proposed."""
    stated = {
        "award_id": f"a-{number}",
        "award_form": "giay_khen",
        "recipient": {"kind": "collective", "org_id": "o-1"},
        "unit_id": "vn",
        "plan_year": 2022,
    }
    return received("AwardProposed", {**stated, **data})


def granted(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that award a-<number> is granted for 2022."""
    stated = {
        "award_id": f"a-{number}",
        "award_form": "giay_khen",
        "grantor_org_id": "o-1",
        "unit_id": "vn",
        "plan_year": 2022,
        "recipient": {"kind": "collective", "org_id": "o-1"},
        "basis": {"kind": "model"},
        "decision": DECISION,
        "occurred_on": "2022-12-01",
    }
    return received("AwardGranted", {**stated, **data})


def for_registrations(*numbers: str) -> dict[str, Any]:
    """Return the basis of an award: these registrations."""
    return {"kind": "model", "registration_ids": [f"r-{number}" for number in numbers]}


def published(taxonomy: str, *codes: str | dict[str, Any], **data: Any) -> ReceivedEvent:
    """Say that a taxonomy of the country is published, valid since 2004."""
    entries = [{"code": c, "name": c} if isinstance(c, str) else c for c in codes]
    stated = {
        "taxonomy": taxonomy,
        "jurisdiction_unit_id": "vn",
        "version": "1",
        "valid_from": "2004-01-01",
        "entries": entries,
    }
    return received("TaxonomyPublished", {**stated, **data})


def closed(unit_id: str, day: str) -> ReceivedEvent:
    """Say that a unit ends without a successor: `day` is the first without it."""
    return received("UnitClosed", {"unit_id": unit_id, "reason": "kết thúc", "occurred_on": day})


def retracted(event: ReceivedEvent, **attributes: Any) -> ReceivedEvent:
    """Say that an event is taken back."""
    data = {"retracts": event.key._asdict(), "reason": "nhập nhầm", "occurred_on": "2022-03-02"}
    return received("EventRetracted", data, **{"subject": event.subject, **attributes})


def evaluated(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that registration r-<number> is evaluated."""
    stated = {"registration_id": f"r-{number}", "occurred_on": "2022-11-20"}
    return received("ModelEvaluated", {**stated, **data})


def declined(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that registration r-<number> is not recognized."""
    stated = {"registration_id": f"r-{number}", "reason": "chưa đạt", "occurred_on": "2022-12-01"}
    return received("RecognitionDeclined", {**stated, **data})


def replicated(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that model m-<number> is taken up in the country."""
    stated = {"source_model_id": f"m-{number}", "target_unit_id": "vn", "occurred_on": "2022-12-15"}
    return received("ModelReplicated", {**stated, **data})


def commended(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that an organization is commended (commendation c-<number>) in 2022."""
    stated = {
        "commendation_id": f"c-{number}",
        "recipient": {"kind": "collective", "org_id": "o-1"},
        "unit_id": "vn",
        "plan_year": 2022,
        "occasion": "Hội nghị biểu dương",
        "occurred_on": "2022-12-20",
    }
    return received("ExemplarCommended", {**stated, **data})


def session_held(number: str = "1", **data: Any) -> ReceivedEvent:
    """Say that review session s-<number> of 2022 is held."""
    stated = {
        "session_id": f"s-{number}",
        "org_id": "o-1",
        "unit_id": "vn",
        "plan_year": 2022,
        "minutes": {"kind": "minutes", "number": "03-BB/BCĐ", "signed_on": "2022-11-25"},
        "occurred_on": "2022-11-25",
    }
    return received("ReviewSessionHeld", {**stated, **data})
