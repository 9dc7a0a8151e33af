"""The data of each event: its required fields, its shapes, and words for what is wrong."""

from typing import Any

import pytest

from shared.events.catalogue import CATALOGUE
from shared.events.payloads.awards import AwardChanges, AwardGranted
from shared.events.payloads.registrations import ModelRegistered, RegistrationChanges
from shared.vocabulary import Family
from tests.unit.events.sending import event, organization, pointers, refused, take

REQUIRED = {  # by hand from the tables of the contract; occurred_on is required everywhere
    "TrustBegan": "realm roots threshold",
    "PublisherAuthorized": "publisher_id grant_id unit_id families powers speaks_from",
    "GrantEnded": "publisher_id grant_id reason",
    "KeyAdded": "publisher_id key use proof",
    "KeyRevoked": "publisher_id key_id why",
    "AuthorityApproved": "publisher_id approved",
    "PersonErased": "person_ref ground requested_on",
    "EventRetracted": "retracts reason",
    "EventRedacted": "position digest texts record ground",
    "UnitOpened": "unit_id name level parent_id codes",
    "UnitRenamed": "unit_id name",
    "UnitMoved": "unit_id parent_id",
    "UnitClosed": "unit_id reason",
    "UnitsReorganized": "reorganization_id sources targets",
    "OrganizationDefined": "org_id name kind unit_id",
    "OrganizationSucceeded": "predecessors successor",
    "RoleGranted": "officer_ref role unit_id valid_from",
    "RoleEnded": "officer_ref role unit_id reason",
    "TaxonomyPublished": "taxonomy jurisdiction_unit_id version valid_from entries",
    "PlanIssued": "org_id plan_year unit_id document",
    "ModelRegistered": "registration_id model_id plan_year unit_id registration_kind owner_kind "
    "field_code block_code title",
    "ModelAmended": "registration_id reason changes",
    "RegistrationWithdrawn": "registration_id reason",
    "ModelDiscontinued": "model_id plan_year reason",
    "ModelReplicated": "source_model_id",
    "OutcomeReported": "outcome_id metric value qualifier nature interval",
    "InspectionPlanned": "inspection_id plan_year unit_id document scopes",
    "InspectionConducted": "inspection_id plan_year unit_id scopes",
    "EligibilityAssessed": "registration_id eligible",
    "ReviewSessionHeld": "session_id org_id unit_id plan_year minutes",
    "ModelEvaluated": "registration_id",
    "ModelRecognized": "registration_id tier level decided_by_org_id decision",
    "RecognitionDeclined": "registration_id reason",
    "RecognitionRevoked": "registration_id reason",
    "AwardProposed": "award_id award_form recipient unit_id plan_year",
    "AwardDeclined": "award_id reason",
    "AwardGranted": "award_id award_form grantor_org_id unit_id plan_year recipient basis decision",
    "AwardAmended": "award_id reason changes",
    "AwardPresented": "award_id",
    "AwardRevoked": "award_id reason",
    "ExemplarCommended": "commendation_id recipient unit_id plan_year occasion",
    "FigureAsserted": "figure_id metric unit_id period value qualifier source",
    "PeriodClosed": "unit_id plan_year position digest",
    "PeriodReopened": "unit_id plan_year reason",
}
COMMON = {"occurred_on", "occurred_precision", "unit_id", "plan_year", "programme"}
COMMON |= {"legal_basis", "origin", "note"}


def test_the_catalogue_is_that_of_the_contract() -> None:
    assert set(CATALOGUE) == {f"dvk.{name}.v1" for name in REQUIRED}


@pytest.mark.parametrize("name", REQUIRED)
def test_an_event_requires_exactly_the_fields_that_the_contract_shows_bold(name: str) -> None:
    fields = CATALOGUE[f"dvk.{name}.v1"].payload.model_fields
    required = {field.alias or key for key, field in fields.items() if field.is_required()}
    assert required == {"occurred_on", *REQUIRED[name].split()}
    assert {field.alias or key for key, field in fields.items()} >= COMMON


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", None, "must be a text"),
        ("title", "", "must not be empty"),
        ("title", 5, "must be a text"),
        ("title", "a\nb", "one line"),
        ("unit_id", "", "1–64"),
        ("unit_id", "x" * 65, "1–64"),
        ("unit_id", "xã", "1–64"),
        ("unit_id", "a/b", "1–64"),
        ("plan_year", "2022", "integer"),
        ("plan_year", 2022.5, "integer"),
        ("plan_year", True, "integer"),
        ("plan_year", 22, "1900"),
        ("occurred_on", "15/02/2022", "YYYY-MM-DD"),
        ("occurred_on", "2022-2-15", "YYYY-MM-DD"),
        ("occurred_on", "1644883200", "YYYY-MM-DD"),
        ("occurred_on", "2022-02-15T00:00:00Z", "YYYY-MM-DD"),
        ("occurred_on", "0999-12-31", "YYYY-MM-DD"),
        ("occurred_on", "2022-02-30", "no such day"),
        ("occurred_on", 20220215, "must be a text"),
        ("registration_kind", "mới", "must be one of: 'new', 'maintained' or 'pre_existing'"),
        ("owner_kind", "Collective", "must be one of"),
        ("level", "commune", "must be one of"),
        ("forces", {}, "must be a list"),
        ("origin", "entry", "must be a JSON object"),
        ("no_such_field", 1, "the contract has no such field"),
        ("objectives", 5, "must be a text / phải là danh sách · must be a list"),
    ],
)
def test_a_wrong_field_is_named_with_words_to_act_on(field: str, value: Any, words: str) -> None:
    problem = refused(event({field: value}))
    assert (problem.rule.code, problem.rule.status) == ("invalid_data", 422)
    assert pointers(problem) == [f"/data/{field}"]
    assert words in problem.errors[0].detail


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"outputs": [{"target": 1}, {"target": True}]}, ["/data/outputs/1/target"]),
        ({"objectives": ["a", 5, "c", {}]}, ["/data/objectives/1", "/data/objectives/3"]),
        ({"forces": [{"org_id": "xã", "x": 1}]}, ["/data/forces/0/org_id", "/data/forces/0/x"]),
        ({"legal_basis": [{}]}, ["/data/legal_basis/0/kind"]),
        ({"origin": {"kind": "rumour", "ref": ""}}, ["/data/origin/kind", "/data/origin/ref"]),
        ({"a~/b": 1}, ["/data/a~0~1b"]),
    ],
)
def test_a_wrong_place_within_is_named_by_its_pointer(data: Any, places: list[str]) -> None:
    assert pointers(refused(event(data))) == places


def test_every_missing_field_is_named() -> None:
    problem = refused(event(data={"occurred_on": "2022-02-15"}))
    assert set(pointers(problem)) == {f"/data/{f}" for f in REQUIRED["ModelRegistered"].split()}
    assert {error.detail for error in problem.errors} == {
        "thiếu trường bắt buộc · this field is required"
    }


def test_a_problem_names_at_most_twenty_places() -> None:
    assert len(refused(event({f"x{n}": n for n in range(50)})).errors) == 20
    assert len(refused(organization(["\x00"] * 50)).errors) == 20


@pytest.mark.parametrize("amount", ["12.5", True, None, {}])
def test_an_amount_is_a_number_and_no_text(amount: Any) -> None:
    problem = refused(_outcome(value=amount))
    assert pointers(problem) == ["/data/value"]
    assert "must be a number" in problem.errors[0].detail


@pytest.mark.parametrize("amount", [0, -3, 12.5, 0.125, 2**53])
def test_an_amount_is_kept_exactly(amount: Any) -> None:
    assert str(take(_outcome(value=amount)).payload.value) == str(amount)  # type: ignore[attr-defined]


def _outcome(**data: Any) -> dict[str, Any]:
    whole = {
        "occurred_on": "2022-02-15",
        "outcome_id": "out-1",
        "registration_id": "r-1",
        "metric": "land_donated_m2",
        "value": 1,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-02-01"},
        **data,
    }
    return event(type="dvk.OutcomeReported.v1", subject="outcome/out-1", data=whole)


def test_an_outcome_is_that_of_a_registration_or_of_a_unit_in_a_year() -> None:
    take(_outcome(registration_id=None, unit_id="u-1", plan_year=2022))
    for data in ({"unit_id": "u-1"}, {"plan_year": 2022}, {}):
        problem = refused(_outcome(registration_id=None, **data))
        assert pointers(problem) == ["/data"]
        assert "unit_id and plan_year" in problem.errors[0].detail


def test_an_interval_does_not_end_before_it_begins() -> None:
    problem = refused(_outcome(interval={"from": "2022-02-02", "to": "2022-02-01"}))
    assert pointers(problem) == ["/data/interval"]
    take(_outcome(interval={"from": "2022-02-01", "to": "2022-02-01"}))


@pytest.mark.parametrize(
    ("level", "parent", "fits"),
    [
        ("country", None, True),
        ("province", "vn", True),
        ("country", "x", False),
        ("commune", None, False),
    ],
)
def test_only_the_country_has_no_parent(level: str, parent: str | None, fits: bool) -> None:
    data = {
        "occurred_on": "2004-01-01",
        "unit_id": "u-9",
        "name": "Đơn vị",
        "level": level,
        "parent_id": parent,
        "codes": [],
    }
    sent = event(type="dvk.UnitOpened.v1", subject="unit/u-9", data=data)
    if fits:
        take(sent)
    else:
        assert refused(sent).rule.code == "invalid_data"


def test_either_end_of_a_figures_period_may_be_open_or_left_out() -> None:
    for period in ({"kind": "as_of", "from": None, "to": "2022-12-31"}, {"kind": "unstated"}):
        take(_figure(period=period), Family.REPORTING)
    assert pointers(refused(_figure(period={"from": None}), Family.REPORTING)) == [
        "/data/period/kind"
    ]


def _figure(**data: Any) -> dict[str, Any]:
    whole = {
        "occurred_on": "2022-02-15",
        "figure_id": "f-1",
        "metric": "Số mô hình điển hình",
        "unit_id": "u-1",
        "period": {"kind": "unstated"},
        "value": 5_000,
        "qualifier": "more_than",
        "source": {"kind": "báo", "title": "Bài viết"},
        **data,
    }
    return event(type="dvk.FigureAsserted.v1", subject="figure/f-1", data=whole)


@pytest.mark.parametrize(
    "field", ["registration_id", "model_id", "plan_year", "programme", "no_such_field"]
)
def test_an_amendment_cannot_touch_what_a_registration_is(field: str) -> None:
    assert pointers(refused(_amendment({field: "x"}))) == [f"/data/changes/{field}"]


def test_null_clears_an_optional_field_and_no_required_one() -> None:
    changes = take(_amendment({"owner_org_id": None})).payload.changes  # type: ignore[attr-defined]
    assert changes.stated() == {"owner_org_id": None}
    for field in ("title", "unit_id", "occurred_on", "owner_kind"):
        assert pointers(refused(_amendment({field: None}))) == [f"/data/changes/{field}"]


def _amendment(changes: dict[str, Any]) -> dict[str, Any]:
    return event(
        type="dvk.ModelAmended.v1",
        data={
            "occurred_on": "2022-02-15",
            "registration_id": "r-1",
            "reason": "Ghi nhầm",
            "changes": changes,
        },
    )


def test_every_field_of_a_registration_but_its_identity_can_be_amended() -> None:
    identity = {"registration_id", "model_id", "plan_year", "programme"}
    assert set(RegistrationChanges.model_fields) == set(ModelRegistered.model_fields) - identity


def test_every_field_of_an_award_but_its_id_can_be_amended() -> None:
    assert set(AwardChanges.model_fields) == set(AwardGranted.model_fields) - {"award_id"}
