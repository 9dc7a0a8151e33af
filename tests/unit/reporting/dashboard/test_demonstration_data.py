"""Data that are there to try the ledger say so on every page of whose figures they are part."""

import pytest

from shared.vocabulary.publishers import SAMPLE, SYNTHETIC
from tests.support.cloudevents import received, registration
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import granted

SAID = {SAMPLE: "Dữ liệu mẫu", SYNTHETIC: "Dữ liệu tổng hợp, không có thật"}
PATHS = (
    "/?", "/pages/years?", "/pages/changes?since=1&", "/pages/explanation?measure=registered&",
    "/pages/reconciliation?", "/pages/reconciliation?years=all&",
)  # fmt: skip


@pytest.mark.parametrize("source", [SAMPLE, SYNTHETIC])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_of_whose_figures_they_are_part_says_so(
    paging: Paging, source: str, path: str
) -> None:
    made = received("ModelRegistered", registration("3", "bk-1"), source=source)
    paging.projecting.given(made)
    (other,) = SAID.keys() - {source}
    for scope in ("", "unit=bk&", "unit=bk-1&", "unit=bk&map=recorded&", "map=2023-01-01&"):
        page = paging.get(f"{path}{scope}year=2022")
        assert SAID[source] in page.text
        assert SAID[other] not in page.text
    for scope in ("unit=tn&", "unit=bk-2&"):
        assert SAID[source] not in paging.get(f"{path}{scope}year=2022").text
    # What was not yet recorded is no part of what is shown.
    assert SAID[source] not in paging.get(f"{path}unit=bk&year=2022&known_at=8").text


def test_of_another_year_nothing_is_said_but_where_all_years_are_shown(paging: Paging) -> None:
    data = {**registration("3", "bk-1"), "plan_year": 2021}
    paging.projecting.given(received("ModelRegistered", data, source=SYNTHETIC))
    for path in ("/?", "/pages/changes?since=1&", "/pages/reconciliation?"):
        assert SAID[SYNTHETIC] not in paging.get(f"{path}unit=bk&year=2022").text
    for path in ("/pages/years?", "/pages/reconciliation?years=all&"):
        assert SAID[SYNTHETIC] in paging.get(f"{path}unit=bk&year=2022").text


def test_awards_alone_are_said_to_be_made_up_too(paging: Paging) -> None:
    paging.projecting.given(granted("1", unit_id="tn-1"))
    assert SAID[SYNTHETIC] not in paging.get("/?unit=tn&year=2022").text
    data = {"award_id": "a-2", "award_form": "giay_khen", "grantor_org_id": "o-1",
            "unit_id": "tn-1", "plan_year": 2022, "recipient": {"kind": "individual"},
            "basis": {"kind": "career"}, "decision": {"kind": "decision"},
            "occurred_on": "2022-12-01"}  # fmt: skip
    paging.projecting.given(received("AwardGranted", data, source=SYNTHETIC))
    assert SAID[SYNTHETIC] in paging.get("/?unit=tn&year=2022").text


def test_the_page_of_a_model_says_it_of_the_model_itself(paging: Paging) -> None:
    made = received("ModelRegistered", registration("3", "bk-1"), source=SYNTHETIC)
    paging.projecting.given(made)
    assert SAID[SYNTHETIC] in paging.get("/pages/model?model=m-3&unit=bk&year=2022").text
    assert SAID[SYNTHETIC] not in paging.get("/pages/model?model=m-1&unit=bk&year=2022").text


def test_what_a_province_brings_along_from_before_the_ledger_is_no_sample(paging: Paging) -> None:
    data = {**registration("3", "bk-1"), "origin": {"kind": "legacy", "ref": "sổ giấy"}}
    paging.projecting.given(received("ModelRegistered", data))
    assert SAID[SAMPLE] not in paging.get("/?unit=bk-1&year=2022").text


def test_whoever_follows_the_log_anew_says_the_same(paging: Paging) -> None:
    made = received("ModelRegistered", registration("3", "bk-1"), source=SYNTHETIC)
    again = received("ModelRegistered", registration("4", "bk-1"), source=SYNTHETIC)
    paging.projecting.given(made)
    paging.projecting.catalog.demonstration_data.forget()
    paging.projecting.given(again)
    # Neither knew the place twice, nor held anything back for it.
    models = paging.projecting.reads.completeness()["read_models"]
    assert [each for each in models if not each["equal"]] == []
    started = Paging(paging.projecting.started_again())
    assert SAID[SYNTHETIC] in started.get("/?unit=bk-1&year=2022").text
    started.projecting.store.close()
