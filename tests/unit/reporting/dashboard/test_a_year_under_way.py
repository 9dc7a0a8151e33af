"""A year that is not over beside the same days of the year before, and a closed one as a whole."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from services.reporting.dashboard.comparing.year_before import a_year_before
from services.reporting.decider import ReportingDecider
from shared.clock import HANOI
from shared.vocabulary import Family
from tests.support.asserted_figures import figure, outcome, years
from tests.support.cloudevents import country, received, unit
from tests.support.dashboard_pages import Paging, Shown
from tests.support.event_builders import granted, recognized, registered
from tests.support.figures_of_events import Projecting

MINUS = "\N{MINUS SIGN}"
UNITS = "Theo đơn vị hành chính"
YEAR_2023 = {"from": "2023-01-01", "to": "2023-12-31"}
TO_MARCH = {"from": "2024-01-01", "to": "2024-03-01"}


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
        outcome(1, 100, unit_id="bk", plan_year=2023, occurred_on="2023-05-01", interval=YEAR_2023),
        outcome(2, 50, unit_id="bk", plan_year=2023, occurred_on="2023-09-01", interval=YEAR_2023),
        outcome(3, 120, unit_id="bk", plan_year=2024, occurred_on="2024-03-01", interval=TO_MARCH),
        outcome(4, 9, metric="workdays", qualifier="more_than", unit_id="bk", plan_year=2023,
                occurred_on="2023-03-01", interval=YEAR_2023),
        outcome(5, 10, metric="workdays", unit_id="bk", plan_year=2024, occurred_on="2024-03-01",
                interval=TO_MARCH),
        figure(1, value=7, period=years(2022, 2022, "year")),
        figure(2, value=5, period=years(2021, 2021, "year")),
        figure(3, value=3, metric="recognized", period=years(2022, 2022, "year")),
        figure(4, value=2, metric="recognized", qualifier="more_than", period=years(2021, 2021, "year")),
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


def test_outcomes_are_compared_with_the_same_days_and_only_exact_ones_differ(
    under_way: Paging,
) -> None:
    page = under_way.get("/?year=2024&compare=registered")
    assert [row[2:] for row in page.rows("Kết quả đo được")] == [
        ["120", "100", "+20"],  # the 50 of September 2023 are not in it
        ["10", "hơn 9", "—"],
    ]
    plain = under_way.get("/?year=2024")
    assert "list=outcomes" in plain.link("120", path="/pages/list")  # of few registrations, a line


def test_published_figures_name_those_of_the_year_before(under_way: Paging) -> None:
    rows = under_way.get("/?unit=bk&year=2022&map=recorded").rows(
        "Số liệu đã công bố, bên cạnh sổ cái"
    )
    assert {tuple(row[4:6]) for row in rows} == {("7", "5 (+2)"), ("3", "hơn 2")}
    alone = under_way.get("/?unit=bk&year=2021&map=recorded")
    assert "Chưa có số công bố năm 2020" in alone.text


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
