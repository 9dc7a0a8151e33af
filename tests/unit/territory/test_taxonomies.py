"""events.md, Accepting, Taxonomies: which version is in force where and when, and its crosswalk."""

from collections.abc import Mapping
from datetime import date

from shared.events.envelope import ReceivedEvent
from shared.territory.taxonomies import Taxonomies, TaxonomyVersion, carry
from shared.vocabulary import TaxonomyKind
from tests.support.cloudevents import received
from tests.support.unit_events import merged, moved, opened, recorded, retracted, territory_of

DAY = date(2022, 3, 1)
MAP = territory_of(
    opened("vn", "2004-01-01", None),
    opened("province", "2004-01-01", "vn"),
    opened("other", "2004-01-01", "vn"),
    opened("ward", "2004-01-01", "province"),
    moved("ward", "2023-01-01", "other"),
    merged("2025-07-01", ["province", "other"], "new"),
)


def published(
    unit_id: str,
    version: str,
    valid_from: str = "2004-01-01",
    valid_to: str | None = None,
    *,
    taxonomy: str = "field",
    codes: Mapping[str, Mapping[str, str | None]] | None = None,
) -> ReceivedEvent:
    """Publish a version of a taxonomy; `codes` have their crosswalks."""
    entries = [
        {"code": code, "name": code, "crosswalk": dict(crosswalk)}
        for code, crosswalk in (codes or {"economy": {}}).items()
    ]
    stated = {"taxonomy": taxonomy, "jurisdiction_unit_id": unit_id, "version": version}
    days = {"valid_from": valid_from, "valid_to": valid_to, "occurred_on": valid_from}
    return received("TaxonomyPublished", {**stated, **days, "entries": entries})


def taxonomies_of(*events: ReceivedEvent) -> Taxonomies:
    """Return what these events publish."""
    taxonomies = Taxonomies()
    taxonomies.fold(recorded(events))
    return taxonomies


def in_force(taxonomies: Taxonomies, unit_id: str, day: date = DAY) -> str | int | None:
    """Return the version of the fields in force for a unit on a day."""
    found = taxonomies.in_force(TaxonomyKind.FIELD, unit_id, day, MAP)
    return found.version if found else None


def test_the_nearest_jurisdiction_on_the_chain_is_in_force_itself_upward() -> None:
    country, province = published("vn", "country"), published("province", "province")
    both = taxonomies_of(province, country)
    assert in_force(both, "ward") == in_force(both, "province") == "province"
    assert in_force(both, "other") == in_force(both, "vn") == "country"
    assert in_force(taxonomies_of(published("ward", "ward")), "province") is None


def test_the_chain_is_that_of_the_day() -> None:
    both = taxonomies_of(published("province", "province"), published("other", "other"))
    assert in_force(both, "ward", date(2022, 12, 31)) == "province"
    assert in_force(both, "ward", date(2023, 1, 1)) == "other"


def test_a_unit_that_has_ended_still_has_its_chain_and_one_not_yet_open_its_parent_at_opening() -> (
    None
):
    both = taxonomies_of(published("vn", "country"), published("province", "province"))
    assert in_force(both, "province", date(2025, 12, 31)) == "province"
    assert in_force(both, "new", DAY) == "country"


def test_a_version_is_valid_from_its_first_day_to_the_day_before_valid_to() -> None:
    taxonomies = taxonomies_of(published("vn", "2022", "2022-01-01", "2023-01-01"))
    days = {
        date(2021, 12, 31): None,
        date(2022, 1, 1): "2022",
        date(2022, 12, 31): "2022",
        date(2023, 1, 1): None,
    }
    assert {day: in_force(taxonomies, "ward", day) for day in days} == days


def test_where_the_nearest_is_not_valid_the_next_one_upward_is_in_force() -> None:
    country, province = published("vn", "country"), published("province", "new", "2023-01-01")
    assert in_force(taxonomies_of(country, province), "province") == "country"


def test_of_two_valid_versions_the_latest_recorded_wins_whichever_day_it_is_valid_from() -> None:
    later_valid, recorded_last = published("vn", "a", "2020-01-01"), published("vn", "b")
    assert in_force(taxonomies_of(later_valid, recorded_last), "ward") == "b"


def test_each_taxonomy_stands_for_itself() -> None:
    assert in_force(taxonomies_of(published("vn", "blocks", taxonomy="block")), "vn") is None


def test_a_retracted_version_was_never_published() -> None:
    first, mistake = published("vn", "1"), published("vn", "2")
    log = recorded([first, mistake, retracted(mistake)])
    taxonomies = Taxonomies()
    taxonomies.fold(log[:2])
    earlier = taxonomies.copy()
    taxonomies.fold(log)
    assert (in_force(earlier, "vn"), in_force(taxonomies, "vn")) == ("2", "1")
    assert (earlier.last_position, taxonomies.last_position) == (2, 3)
    assert [version.version for version in taxonomies.versions()] == ["1"]


def _version(event: ReceivedEvent) -> TaxonomyVersion:
    return taxonomies_of(event).versions()[0]


def test_a_code_is_carried_by_the_crosswalk_of_its_own_taxonomy() -> None:
    city = _version(published("ward", "1", codes={"party": {"vn": "politics"}, "x": {"vn": None}}))
    country = _version(published("vn", "1", codes={"politics": {}, "party": {}}))
    assert carry("party", city, country) == "politics"
    assert carry("x", city, country) is None
    assert carry("nowhere listed", city, country) is None
    assert carry("politics", country, city) is None


def test_versions_of_one_jurisdiction_speak_the_same_codes() -> None:
    old, new = _version(published("vn", "1")), _version(published("vn", "2", codes={"x": {}}))
    assert carry("economy", old, new) == "economy"


def test_a_code_of_no_taxonomy_is_carried_only_where_it_is_listed() -> None:
    country = _version(published("vn", "1"))
    assert carry("economy", None, country) == "economy"
    assert carry("anything", None, country) is None
