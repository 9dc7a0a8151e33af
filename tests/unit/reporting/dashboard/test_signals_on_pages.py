"""docs/signals.md: the page, the lists, the sample, and the targets on the page of a year."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from services.reporting.queries.plan_targets import understood
from services.reporting.signals.catalog import SIGNALS
from services.reporting.signals.found import SignalCode, SignalLevel
from services.reporting.signals.limits import limits_of
from services.reporting.signals.units import Peers
from shared.clock import HANOI
from shared.vocabulary import Measure
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.column_words import COLUMN_WORDS
from shared.web.answers.csv_tables import label_of
from tests.support.asked_signals import says
from tests.support.cloudevents import received, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import recognized, registered
from tests.support.sample_ledger import CITY, sample_ledger

DOCUMENT = Path(__file__).parents[4] / "docs" / "signals.md"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over the sample."""
    projecting = sample_ledger(tmp_path_factory.mktemp("sample"))
    plan = {
        "org_id": "bk-058-bcd",
        "plan_year": 2022,
        "unit_id": CITY,
        "document": {"kind": "plan", "number": "5-KH/BCĐ"},
        "occurred_on": "2022-02-10",
        "targets": {"registered": 200, "recognized": 150, "smiles": 9, "eligible": "all"},
    }
    projecting.given(received("PlanIssued", plan))
    yield Paging(projecting)
    projecting.store.close()


def test_the_sample_has_164_of_191_in_one_field_and_decisions_without_number(
    sample: Paging,
) -> None:
    page = sample.get(f"/pages/signals?unit={CITY}&year=2022&map=recorded")
    rows = {row[0]: row[1:3] for row in page.rows("Việc cần làm")}
    assert set(rows) == {CODE_WORDS["signal"][code][0] for code in SignalCode}
    levels = [row[2] for row in page.rows("Việc cần làm")]
    assert levels.index("Không có gì cần xem") == levels.count("Cần xem")  # these come first
    assert rows["Quyết định không có số"] == ["129", "Cần xem"]
    assert rows["Chưa có kế hoạch"] == ["0", "Không có gì cần xem"]
    behind = sample.get(page.link("Lĩnh vực mất cân đối"))
    first = behind.rows("Lĩnh vực mất cân đối")[0]
    assert first[0] == "Thành phố Bắc Kạn"
    assert first[1] == "Tập trung vào một lĩnh vực"
    assert first[3:] == ["164", "191", "85,9%"]
    assert len(behind.rows("Số này qua các tháng trước")) == 6


def test_a_superior_sees_the_number_of_each_unit_below(sample: Paging) -> None:
    page = sample.get(f"/pages/signals?unit={CITY}&year=2022&map=recorded&signal=promise_thin")
    below = [int(row[1]) for row in page.rows("Số việc cần xem theo đơn vị")]
    at_the_city = 67  # recorded at the city itself
    assert page.heading == "Thiếu mục tiêu, kết quả: 191"
    assert sum(below) == 191 - at_the_city


def test_the_lists_are_the_same_as_json_csv_and_office_files(sample: Paging) -> None:
    address = f"/signals/field_concentrated?unit={CITY}&year=2022"
    body = sample.answer(address).json()
    assert (body["signal_level"], body["number"]) == ("look", len(body["items"]))
    csv = sample.answer(f"{address}&format=csv&lang=vi").text.splitlines()
    assert len(csv) == 1 + body["number"]
    assert "Thành phố Bắc Kạn" in csv[1]
    for form in ("xlsx", "docx"):
        assert sample.answer(f"{address}&format={form}").status_code == 200
    states = {
        each["signal"]: each
        for each in sample.answer(f"/signals?unit={CITY}&year=2022").json()["items"]
    }
    assert states["field_concentrated"]["number"] == body["number"]
    assert states["field_concentrated"]["by_unit"] == body["by_unit"]
    assert sample.answer(f"/signals?unit={CITY}&year=2022&format=csv").text.count("\n") == 14


def test_a_cursor_goes_on_with_the_same_position_and_day(sample: Paging) -> None:
    address = f"/signals/promise_thin?unit={CITY}&year=2022&limit=150"
    first = sample.answer(address).json()
    second = sample.answer(f"{address}&cursor={first['next']}").json()
    assert second["next"] is None
    ids = [each["registration_id"] for part in (first, second) for each in part["items"]]
    assert len(set(ids)) == len(ids) == 191
    assert second["today"] == first["today"]


def test_a_signal_that_there_is_not_is_refused(sample: Paging) -> None:
    sample.get("/pages/signals?signal=wrong", status=422)
    sample.get("/pages/signals?signal=unit_silent&start=x", status=422)
    assert sample.answer("/signals/wrong?year=2022").status_code == 422


def test_a_position_is_judged_by_the_day_on_which_it_was_recorded(sample: Paging) -> None:
    recorded = sample.projecting.reads.as_of("5")
    assert recorded.recorded_us is not None
    day = datetime.fromtimestamp(recorded.recorded_us / 1e6, HANOI).date()
    body = sample.answer("/signals?year=2022&known_at=5").json()
    assert {each["today"] for each in body["items"]} == {day.isoformat()}


def test_the_page_of_a_year_leads_to_the_signals_and_has_targets(sample: Paging) -> None:
    page = sample.get(f"/?unit={CITY}&year=2022&map=recorded")
    assert page.link("Xem việc cần làm").startswith("/pages/signals?")
    assert page.rows("Chỉ tiêu kế hoạch và kết quả") == [
        ["Đăng ký", "200", "191", "95,5%", page.rows("Chỉ tiêu kế hoạch và kết quả")[0][4]],
        ["Được công nhận", "150", "129", "86,0%", page.rows("Chỉ tiêu kế hoạch và kết quả")[1][4]],
    ]
    assert "Mọi đăng ký của năm 2022 đều mang một ngày phát sinh, 01/01/2022" in page.text
    assert not [e for e in page.elements if e.tag == "caption" and "qua các tháng" in e.text]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"registered": 200, "unknown": 1, "eligible": -1}, {"registered": 200}),
        ([{"measure": "recognized", "value": 2.5}], {"recognized": 2.5}),
        ([{"measure": "recognized", "value": 2, "field": "economy"}], {}),
        ("200 mô hình", {}),
        ({"registered": True}, {}),
        ([1, {"measure": ["x"], "value": 1}], {}),
    ],
)
def test_targets_in_the_documented_form_are_understood(
    stated: object, expected: dict[str, float]
) -> None:
    assert {str(measure): value for measure, value in understood(stated)} == expected
    assert Measure.REGISTERED == "registered"


def test_a_rate_far_from_its_peers_has_a_large_modified_z() -> None:
    peers = Peers.of([0.50, 0.52, 0.54, 0.56, 0.58, 0.60, 0.62, 0.10])
    # median 0.55, deviations 0.05 0.03 0.01 0.01 0.03 0.05 0.07 0.45: their median is 0.04
    assert (round(peers.median, 9), round(peers.deviation, 9)) == (0.55, 0.04)
    assert round(peers.z(0.10) or 0, 2) == -7.59
    assert Peers.of([0.5] * 8).z(0.9) is None


def test_a_rate_is_compared_among_eight_peers_of_one_level(paging: Paging) -> None:
    projecting = paging.projecting
    rates = dict(zip(range(1, 9), (5, 5, 6, 6, 6, 7, 7, 0), strict=True))
    projecting.given(*(unit(f"tn-{n}0", "tn", "commune", name=f"Xã {n}") for n in rates))
    for n, rate in rates.items():
        names = [f"{n}-{each}" for each in range(10)]
        projecting.given(*(registered(each, unit_id=f"tn-{n}0") for each in names))
        projecting.given(*(recognized(each) for each in names[:rate]))
    rows = says(projecting, "recognized_rate", "2022-12-31", unit_id="tn").rows
    assert [(r["unit_id"], r["reason"], r["peers"]) for r in rows] == [
        ("tn-80", "far_from_peers", 8)
    ]
    assert says(projecting, "recognized_rate", "2022-12-31", unit_id="tn-80").number == 1
    assert says(projecting, "recognized_rate", "2022-12-31", unit_id="tn-10").number == 0


def test_every_signal_has_words_a_rule_and_its_place_in_the_document(paging: Paging) -> None:
    limits = limits_of(2022, None, paging.projecting.reads.maps.at(0))
    document = DOCUMENT.read_text("utf-8")
    assert set(CODE_WORDS["signal"]) == set(SIGNALS) == set(SignalCode)
    assert set(CODE_WORDS["signal_level"]) == set(SignalLevel)
    for code, signal in SIGNALS.items():
        assert f"`{code}`" in document
        assert all(signal.says(limits, language) for language in ("vi", "en"))
        for column in signal.table.columns:
            names = {
                column,
                label_of(column),
                *(f"{column}.{m}" for m in signal.table.members.get(column, ())),
            }
            assert names & (set(COLUMN_WORDS) | {"unit_name", "metric"}), column
    for name, value in json.loads(json.dumps(limits.criteria)).items():
        assert all(f"`{key}` {number:g}" in document for key, number in value.items()), name
    assert all(f"{day:%m-%d}" in document for day in limits.deadlines.values())
