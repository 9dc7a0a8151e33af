"""What the registry shows of its write side: the last word on each field, and how it came."""

from services.registry.decider import RegistryDecider
from services.registry.queries.registered_models import model_view, organization_view
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received
from tests.support.event_builders import (
    amended,
    discontinued,
    recognized,
    registered,
    retracted,
    revoked,
    withdrawn,
)
from tests.support.scenarios import History, given

COUNTRY = country()


def _model(history: History, model_id: str = "m-1") -> dict[str, object]:
    view = model_view(history.log.as_family(Family.REGISTRY), model_id)
    assert view is not None
    return view


def _registration(history: History) -> dict[str, object]:
    registrations = _model(history)["registrations"]
    assert isinstance(registrations, list)
    assert len(registrations) == 1
    registration: dict[str, object] = registrations[0]
    return registration


def test_a_model_that_was_never_registered_is_not_there() -> None:
    assert model_view(given(COUNTRY).log.as_family(Family.REGISTRY), "m-1") is None


def test_a_model_shows_its_registrations() -> None:
    shown = _registration(
        given(COUNTRY, registered(outputs=[{"metric": "workdays", "target": 12.5}]))
    )
    assert shown == {
        "registration_id": "r-1",
        "model_id": "m-1",
        "plan_year": 2022,
        "programme": "dan_van_kheo",
        "unit_id": "vn",
        "occurred_on": "2022-03-01",
        "occurred_precision": "day",
        "registration_kind": "new",
        "owner_kind": "collective",
        "field_code": "economy",
        "block_code": "commune",
        "title": "Mô hình số 1",
        "outputs": [{"metric": "workdays", "target": 12.5}],
        "status": "registered",
        "registered_at": 2,
        "amended_at": [],
        "withdrawn_at": None,
        "tier": None,
    }


def test_a_registration_is_shown_as_amended() -> None:
    history = given(COUNTRY, registered(area="xóm 1", level="province"))
    history.given(amended(title="Tên đúng", area=None, occurred_precision="month"))
    shown = _registration(history)
    assert (shown["title"], shown["level"], shown["occurred_precision"]) == (
        "Tên đúng",
        "province",
        "month",
    )
    assert "area" not in shown
    assert shown["amended_at"] == [3]
    assert (
        _registration(history.given(amended(occurred_precision=None)))["occurred_precision"]
        == "day"
    )


def test_a_registration_shows_how_it_stands() -> None:
    history = given(COUNTRY, registered(), recognized())
    assert _registration(history)["tier"] == "recognized"
    history.given(revoked(), withdrawn())
    shown = _registration(history)
    assert (shown["tier"], shown["status"], shown["withdrawn_at"]) == (None, "withdrawn", 5)


def test_a_model_shows_its_end_until_it_is_registered_again() -> None:
    history = given(COUNTRY, registered(), discontinued())
    end = _model(history)["discontinued"]
    assert isinstance(end, dict)
    assert (end["position"], end["reason"]) == (3, "dừng")
    history.given(registered(registration_id="r-2", plan_year=2023))
    assert _model(history)["discontinued"] is None
    assert len(_model(history)["registrations"]) == 2  # type: ignore[arg-type]


def test_a_retracted_end_is_not_shown() -> None:
    mistake = discontinued()
    assert _model(given(COUNTRY, registered(), mistake, retracted(mistake)))["discontinued"] is None


def defined(org_id: str = "o-1", name: str = "Đảng ủy phường") -> ReceivedEvent:
    """Say that an organisation is defined, or defined anew."""
    data = {"org_id": org_id, "name": name, "kind": "party_committee", "unit_id": "vn"}
    return received("OrganizationDefined", data)


def _organizations(
    history: History, position: int = 99, after: str = ""
) -> list[dict[str, object]]:
    decider = history.deciders[Family.REGISTRY]
    assert isinstance(decider, RegistryDecider)
    found = decider.organizations.listed(position, after=after, limit=10)
    return [organization_view(organization) for organization in found]


def test_organizations_are_shown_by_id_as_defined_last() -> None:
    history = given(COUNTRY, defined("o-2"), defined("o-1"), defined("o-2", "Tên mới"))
    shown = [(each["org_id"], each["name"], each["position"]) for each in _organizations(history)]
    assert shown == [("o-1", "Đảng ủy phường", 3), ("o-2", "Tên mới", 4)]
    assert [each["org_id"] for each in _organizations(history, after="o-1")] == ["o-2"]


def test_an_organization_keeps_whatever_ids_others_give_it() -> None:
    ids = {"tax": "0100109106", "old": ["a", {"b": 1}]}
    data = {"org_id": "o-1", "name": "Đảng ủy", "kind": "party_committee", "unit_id": "vn"}
    history = given(COUNTRY, received("OrganizationDefined", {**data, "external_ids": ids}))
    assert [each["external_ids"] for each in _organizations(history)] == [ids]


def test_a_retracted_definition_gives_way_to_the_one_before_it() -> None:
    mistake = defined(name="Tên sai")
    history = given(COUNTRY, defined(), mistake, retracted(mistake))
    assert [each["name"] for each in _organizations(history)] == ["Đảng ủy phường"]
    assert [each["name"] for each in _organizations(history, position=3)] == ["Tên sai"]
    assert [each["name"] for each in _organizations(history, position=4)] == ["Đảng ủy phường"]
    assert [each["name"] for each in _organizations(history.restarted())] == ["Đảng ủy phường"]


def test_organizations_show_whom_they_succeeded() -> None:
    event = received("OrganizationSucceeded", {"predecessors": ["o-1"], "successor": "o-2"})
    first, second = _organizations(given(COUNTRY, defined("o-1"), event))
    assert (first["predecessors"], first["successors"]) == ([], ["o-2"])
    assert (second["name"], second["predecessors"], second["successors"]) == (None, ["o-1"], [])


def test_a_page_of_organizations_is_that_of_its_position() -> None:
    history = given(COUNTRY, defined("o-1"), defined("o-2"))
    assert [each["org_id"] for each in _organizations(history, position=2)] == ["o-1"]
