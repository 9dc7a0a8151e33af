"""A year that is not over beside the same days of the year before, and a closed one as a whole."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from services.reporting.dashboard.comparing.year_before import a_year_before
from services.reporting.decider import ReportingDecider
from shared.clock import HANOI
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.dashboard_pages import Paging, Shown
from tests.support.event_builders import granted, recognized, registered
from tests.support.figures_of_events import Projecting

MINUS = "\N{MINUS SIGN}"
UNITS = "Theo đơn vị hành chính"


def headings(page: Shown) -> list[str]:
    """Return the headings of the first table."""
    start = next(i for i, e in enumerate(page.elements) if e.tag == "thead")
    return [e.text for e in page.elements[start:] if e.tag == "th"]


@pytest.fixture(scope="module")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over 2023 and 2024 on 10 June 2024: registered, recognised, awarded by months."""
    today = int(datetime(2024, 6, 10, tzinfo=HANOI).timestamp() * 1_000_000)
    url = f"sqlite:///{tmp_path_factory.mktemp('under-way') / Path('reporting.db')}"
    started = Projecting(url, run=100, clock=lambda: today)
    days = {
        2023: ("2022-12-20", "2023-03-01", "2023-06-10", "2023-06-11", "2023-10-01"),
        2024: ("2024-02-01", "2024-06-10"),
    }
    made = [(f"{year}-{n}", year, day) for year, each in days.items() for n, day in enumerate(each)]
    number = "01-QĐ/TU"
    given = {"2023-0": "2023-05-31", "2023-1": "2023-06-11", "2024-0": "2024-06-01"}
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        *(registered(name, unit_id="bk", plan_year=y, occurred_on=d) for name, y, d in made),
        *(
            recognized(name, occurred_on=day, decision={"kind": "decision", "number": number, "signed_on": day})
            for name, day in given.items()
        ),
        granted("1", plan_year=2023, occurred_on="2023-06-09", unit_id="bk"),
        granted("2", plan_year=2023, occurred_on="2023-12-01", unit_id="bk"),
    )  # fmt: skip
    yield Paging(started)
    started.store.close()


@pytest.mark.parametrize(
    ("measure", "total"),
    [
        # two of this year so far, three until 10 June 2023, five in all of 2023
        ("registered", ["2", "3", "5", f"{MINUS}1"]),
        ("recognized", ["1", "1", "2", "0"]),
        ("awards_granted", ["0", "1", "2", f"{MINUS}1"]),
    ],
)
def test_a_year_under_way_is_compared_with_the_same_days_of_the_year_before(
    under_way: Paging, measure: str, total: list[str]
) -> None:
    page = under_way.get(f"/?year=2024&compare={measure}")
    assert headings(page)[1:5] == [
        "Năm 2024, đến 10/06", "Năm 2023, đến 10/06", "Cả năm 2023", "Chênh lệch",
    ]  # fmt: skip
    assert [row[1:5] for row in page.rows(UNITS)] == [total] * 2
    assert "so cùng kỳ" in page.text
    english = under_way.get(f"/?year=2024&compare={measure}&lang=en")
    assert "2023 until 10 Jun" in english.text


def test_eligibility_has_no_day_and_is_compared_with_the_whole_year(under_way: Paging) -> None:
    page = under_way.get("/?year=2024&compare=eligible")
    assert "không giữ ngày" in page.text
    assert {"Năm 2024", "Năm 2023"} <= set(headings(page))


def test_a_year_before_a_leap_day_is_the_28th() -> None:
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)


def test_a_closed_year_is_compared_as_a_whole(under_way: Paging) -> None:
    decider = under_way.projecting.history.deciders[Family.REPORTING]
    assert isinstance(decider, ReportingDecider)
    decider.digests_at = under_way.projecting.reads.digests_at
    summary = under_way.projecting.summary("bk", year=2024)
    stated = {
        "unit_id": "bk",
        "plan_year": 2024,
        "position": summary["known_at"]["position"],
        "digest": summary["digest"],
        "occurred_on": "2024-06-10",
    }
    under_way.projecting.given(received("PeriodClosed", stated))
    page = under_way.get("/?unit=bk&year=2024&compare=registered")
    assert page.rows("Lĩnh vực × Hình thức đăng ký")[0][2:5] == ["2", "5", f"{MINUS}3"]
    assert "so cùng kỳ" not in page.text
