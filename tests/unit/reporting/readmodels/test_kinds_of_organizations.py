"""An organisation of a kind that its jurisdiction does not know is accepted, and is flagged."""

from dataclasses import replace
from typing import Any

import pytest

from services.reporting.queries.filters import Filters
from shared.errors import BrokenContract
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import received
from tests.support.event_builders import published, retracted
from tests.support.figures_of_events import Projecting
from tests.support.unit_events import merged

FLAG = "unknown_organization_kind"
BRANCH = {"code": "chi_bo", "name": "Chi bộ"}
UNION = {"code": "mass_organization", "name": "Tổ chức chính trị - xã hội"}


def defined(org_id: str, kind: str, unit_id: str = "bk-1", **data: Any) -> ReceivedEvent:
    stated = {"org_id": org_id, "name": org_id, "kind": kind, "unit_id": unit_id, **data}
    return received("OrganizationDefined", stated)


def kinds(*entries: Any, **data: Any) -> ReceivedEvent:
    return published("organization_kind", *entries, **data)


def flagged(projecting: Projecting, unit_id: str | None = None, **how: Any) -> int:
    flags = projecting.summary(unit_id, **how)["quality"]["flags"]
    counts = {flag["code"]: flag["count"] for flag in flags}
    found = explained(projecting, unit_id, **how)
    assert len(found) == counts.get(FLAG, 0)
    return len(found)


def _asked(
    projecting: Projecting, unit_id: str | None, year: int, map_: str, **cell: str | None
) -> Filters:
    chosen = map_choice(map_, projecting.clock)
    return Filters(unit_id, year, DEFAULT_PROGRAMME, chosen, cell)


def explained(
    projecting: Projecting,
    unit_id: str | None = None,
    *,
    year: int = 2022,
    known_at: int | None = None,
    map: str = "recorded",  # noqa: A002  the contract names it so
    programme: str = DEFAULT_PROGRAMME,
    **cell: str | None,
) -> list[str]:
    reads = projecting.reads
    as_of = reads.as_of(None if known_at is None else str(known_at))
    filters = replace(_asked(projecting, unit_id, year, map, **cell), programme=programme)
    return [item["subject"] for item in reads.explain(filters, FLAG, as_of).items]


def test_where_no_list_of_kinds_is_in_force_any_kind_will_do(projecting: Projecting) -> None:
    projecting.given(defined("o-1", "chi bộo"), kinds(BRANCH, valid_from="2023-01-01"))
    assert flagged(projecting) == 0


@pytest.mark.parametrize("kind", ["chi_bo", "Chi bộ", "chi bộ", "CHI BỘ", "mass_organization"])
def test_a_kind_is_known_by_its_code_and_by_its_name_in_any_case(
    projecting: Projecting, kind: str
) -> None:
    projecting.given(kinds(BRANCH, UNION), defined("o-1", kind))
    assert flagged(projecting) == 0


@pytest.mark.parametrize("kind", ["chi bộo", "chi bo", "CHI_BO", "chi bộ ", "khác"])
def test_a_kind_that_is_none_of_them_is_flagged_in_every_year(
    projecting: Projecting, kind: str
) -> None:
    projecting.given(kinds(BRANCH, UNION), defined("o-1", kind), defined("o-2", "chi_bo"))
    for year in (2021, 2022, 2030):
        assert flagged(projecting, year=year) == 1
        assert flagged(projecting, year=year, programme="don_vi_dan_van_tot") == 1
    assert explained(projecting) == ["organization/o-1"]
    assert projecting.started_again().summary()["quality"]["flags"] == [{"code": FLAG, "count": 1}]


def test_it_is_flagged_until_it_is_corrected_or_the_word_is_listed(projecting: Projecting) -> None:
    listed = kinds(BRANCH)
    wrong, right = defined("o-1", "chi bộo"), defined("o-1", "chi bộ")
    projecting.given(wrong, listed)
    start = projecting.runner.position - 2
    late = kinds(BRANCH, {"code": "other", "name": "chi bộo"})
    projecting.given(right, retracted(right), late, retracted(late))
    counts = [flagged(projecting, known_at=start + step) for step in range(7)]
    assert counts == [0, 0, 1, 0, 1, 0, 1]
    reads = projecting.reads
    filters = _asked(projecting, None, 2022, "recorded")
    found = reads.differ(filters, FLAG, reads.as_of(str(start)), reads.as_of(str(start + 6)))
    assert (found.before, found.after) == (0, 1)
    assert [(each["position"] - start, each["delta"]) for each in found.items] == [
        (2, 1), (3, -1), (4, 1), (5, -1), (6, 1)
    ]  # fmt: skip


def test_the_nearest_jurisdiction_on_the_day_of_the_definition_says_which_kinds_there_are(
    projecting: Projecting,
) -> None:
    projecting.given(
        kinds(BRANCH),
        kinds(UNION, jurisdiction_unit_id="bk", valid_from="2022-03-01"),
        defined("early", "chi_bo", occurred_on="2022-02-28"),
        defined("late", "chi_bo", occurred_on="2022-03-01"),
        defined("elsewhere", "chi_bo", unit_id="tn-1"),
        defined("union", "mass_organization", unit_id="tn-1"),
    )
    assert explained(projecting) == ["organization/late", "organization/union"]
    assert flagged(projecting, "bk") == flagged(projecting, "bk-1") == 1
    assert explained(projecting, "tn") == ["organization/union"]
    assert explained(projecting, unit="bk") == ["organization/late"]
    assert explained(projecting, unit="vn") == []
    with pytest.raises(BrokenContract, match="not broken down by field"):
        explained(projecting, field="economy")


def test_it_lies_where_its_unit_lies_on_the_map(projecting: Projecting) -> None:
    projecting.given(kinds(BRANCH), defined("o-1", "chi bộo"))
    projecting.given(merged("2025-07-01", ["bk-1", "tn-1"], into="new"))
    assert flagged(projecting, "bk-1") == flagged(projecting, "new", map="2025-07-01") == 1
    assert flagged(projecting, "new", map="recorded") == 0


def test_an_organisation_makes_no_year(projecting: Projecting) -> None:
    projecting.given(kinds(BRANCH), defined("o-1", "chi bộo"))
    assert projecting.reads.years() == []
