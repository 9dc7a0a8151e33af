"""A synthetic history is the same for the same seed, keeps every rule, and looks like the country."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

import orjson
import pytest
import typer

from services.console import options
from services.console.datasets.nation import nation_events
from services.console.datasets.synthetic.event_writer import EventWriter
from services.console.datasets.synthetic.history import Plan, history
from services.console.datasets.synthetic.territory import (
    SyntheticTerritory,
    invented_territory,
    read_territory,
)
from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.decider import ReportingDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Parked
from shared.client.delivery import Line, batches
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.vocabulary import Family
from tests.support.memory_log import MemoryEventLog

PLAN = Plan(registrations=2_500, first_year=2022, last_year=2026, seed=1)
SHORT = Plan(registrations=300, first_year=2022, last_year=2026, seed=1)


def land() -> SyntheticTerritory:
    return invented_territory(EventWriter(None))


def lines_of(plan: Plan) -> Iterator[bytes]:
    return history(plan, land())


@cache
def events() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines_of(PLAN):
        event = orjson.loads(line)
        found.setdefault(event["type"].split(".")[1], []).append(event)
    return found


def data_of(name: str) -> list[dict[str, Any]]:
    return [event["data"] for event in events()[name]]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert list(lines_of(SHORT)) == list(lines_of(SHORT))
    other = Plan(300, 2022, 2026, seed=2)
    same = set(lines_of(SHORT)) & set(lines_of(other))
    assert {orjson.loads(line)["type"] for line in same} == {"dvk.UnitOpened.v1"}


def test_no_two_events_share_an_id_and_histories_of_other_years_share_none() -> None:
    ids = [event["id"] for of_type in events().values() for event in of_type]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64
    other = {orjson.loads(line)["id"] for line in lines_of(Plan(300, 2021, 2026, seed=1))}
    assert all(name == "unit" for name in {i.split("-")[0] for i in other & set(ids)})


def test_a_longer_history_of_the_same_seed_only_adds() -> None:
    longer = set(lines_of(Plan(500, 2022, 2026, seed=1)))
    assert set(lines_of(SHORT)) < longer


def test_every_event_says_that_it_never_happened() -> None:
    made_up = [event for of_type in events().values() for event in of_type]
    for event in made_up[1:]:
        assert "synthetic" in event["data"]["origin"]["ref"]
        assert event["data"]["origin"]["kind"] == "import"
        assert "không có thật" in event["data"]["note"]
    # The country is real: it is the very event of the sample.
    assert (made_up[0]["id"], made_up[0]["source"]) == ("unit-vn", "/publishers/dvk-sample")


def test_the_number_of_registrations_is_the_one_asked_for() -> None:
    assert len(events()["ModelRegistered"]) == 2_500
    years = Counter(data["plan_year"] for data in data_of("ModelRegistered"))
    assert years == dict.fromkeys(range(2022, 2027), 500)
    assert [Plan(7, 2022, 2024, 0).size(year) for year in (2022, 2023, 2024)] == [3, 2, 2]


def share(part: int, whole: int) -> float:
    return part / whole


def test_the_proportions_are_those_of_the_movement() -> None:
    registered = data_of("ModelRegistered")
    kinds = Counter(data["registration_kind"] for data in registered if data["plan_year"] > 2022)
    owners = Counter(data["owner_kind"] for data in registered)
    eligible = sum(data["eligible"] for data in data_of("EligibilityAssessed"))
    assert share(kinds["maintained"], kinds.total()) == pytest.approx(0.44, abs=0.04)
    assert kinds["pre_existing"] > 0
    assert share(owners["collective"], 2_500) == pytest.approx(0.88, abs=0.03)
    assert owners["individual"] > owners["household"] > 0
    assert share(eligible, 2_500) == pytest.approx(0.80, abs=0.03)
    assert share(len(events()["ModelRecognized"]), 2_500) == pytest.approx(0.65, abs=0.03)
    assert {data["tier"] for data in data_of("ModelRecognized")} == {"recognized", "exemplary"}
    assert len({data["block_code"] for data in registered}) == 4
    assert len({data["field_code"] for data in registered}) == 4
    for name in ("ModelAmended", "RegistrationWithdrawn", "AwardGranted", "RecognitionRevoked"):
        assert 0 < len(events()[name]) < 400
    for name in ("RecognitionDeclined", "ModelReplicated", "ExemplarCommended"):
        assert 0 < len(events()[name]) < 400
    assert len(events()["AwardPresented"]) < len(events()["AwardGranted"])


def test_some_recognitions_are_entered_in_the_next_year() -> None:
    late = [e for e in events()["ModelRecognized"] if e["time"][:4] != e["data"]["occurred_on"][:4]]
    assert 0 < len(late) < 100


def test_a_maintained_model_was_registered_the_year_before_and_not_withdrawn() -> None:
    registered = {data["registration_id"]: data for data in data_of("ModelRegistered")}
    withdrawn = {data["registration_id"] for data in data_of("RegistrationWithdrawn")}
    for data in registered.values():
        if data["registration_kind"] == "maintained":
            before = registered[data["previous_registration_id"]]
            assert before["model_id"] == data["model_id"]
            assert before["plan_year"] == data["plan_year"] - 1
            assert before["registration_id"] not in withdrawn
            assert before["owner_kind"] == data["owner_kind"]


def replayed(plan: Plan, over: SyntheticTerritory) -> Counter[str]:
    """Decide a history with the real rules, service by service, in the batches of `dvk publish`."""
    log = MemoryEventLog()
    deciders = (RegistryDecider(), EvaluationDecider(), ReportingDecider())
    services = {
        decider.family: Appender(log.as_family(decider.family), decider) for decider in deciders
    }
    verdicts = Counter[str]()
    lines = (Line(number, 0, raw) for number, raw in enumerate(history(plan, over), start=1))
    for batch in batches(lines):
        assert batch.family is not None
        events = [
            receive(line.raw, now_us=system_clock(), family=batch.family) for line in batch.lines
        ]
        future = services[batch.family].submit(events)
        services[batch.family].step()
        for event, outcome in zip(events, future.result(0), strict=True):
            assert isinstance(outcome, Accepted | Parked), f"{event.subject}: {outcome}"
            verdicts[type(outcome).__name__] += 1
    for _ in range(3):
        services[Family.EVALUATION].step()
    verdicts["head"] = log.as_family(Family.REGISTRY).head().position
    return verdicts


def test_every_event_is_accepted_and_only_what_came_late_is_waited_for() -> None:
    verdicts = replayed(Plan(1_200, 2022, 2024, seed=3), land())
    assert 0 < verdicts["Parked"] < 60
    assert verdicts["head"] == verdicts["Accepted"] + verdicts["Parked"]


def test_a_history_follows_its_map_through_a_reorganisation() -> None:
    merged = EventWriter(None).event(
        "UnitsReorganized",
        "merger",
        "reorganization/r-1",
        "2025-07-01",
        {
            "occurred_on": "2025-07-01",
            "reorganization_id": "r-1",
            "sources": ["syn-01", "syn-02", "syn-01-001", "syn-02-001", "syn-02-002"],
            "opens": [
                {"unit_id": "new", "name": "Tỉnh mới", "level": "province",
                 "parent_id": "vn", "codes": []},
                {"unit_id": "new-001", "name": "Xã mới", "level": "commune",
                 "parent_id": "new", "codes": []},
            ],
            "targets": [
                {"unit_id": "new", "from": [{"unit_id": "syn-01", "share": "whole"},
                                            {"unit_id": "syn-02", "share": "whole"}]},
                {"unit_id": "new-001", "from": [{"unit_id": "syn-01-001", "share": "whole"},
                                                {"unit_id": "syn-02-001", "share": "whole"},
                                                {"unit_id": "syn-02-002", "share": "part"}]},
                {"unit_id": "syn-01-002",
                 "from": [{"unit_id": "syn-02-002", "share": "part"}]},
            ],
        },
    )  # fmt: skip
    over = read_territory([*land().lines, merged, b"\n"])
    replayed(Plan(600, 2025, 2026, seed=4), over)
    units = Counter(
        (event["data"]["plan_year"], event["data"]["unit_id"])
        for event in map(orjson.loads, history(Plan(2_000, 2025, 2026, seed=4), over))
        if event["type"] == "dvk.ModelRegistered.v1"
    )
    assert units[2025, "syn-01-001"] > 0
    assert units[2025, "new-001"] == 0
    assert units[2026, "syn-01-001"] == 0
    assert units[2026, "new-001"] > 0


def test_a_history_on_the_map_of_the_country_goes_on_in_the_units_of_2025() -> None:
    over = read_territory(map(orjson.dumps, nation_events()))
    before, after = over.on(date(2025, 6, 30)), over.on(date(2025, 7, 1))
    placed: dict[int, set[str]] = {}
    for event in map(orjson.loads, history(Plan(600, 2024, 2026, seed=5), over)):
        if event["type"] == "dvk.ModelRegistered.v1":
            placed.setdefault(event["data"]["plan_year"], set()).add(event["data"]["unit_id"])
    assert set(placed) == {2024, 2025, 2026}
    assert all(before.exists(unit_id) for unit_id in placed[2024])
    assert all(after.exists(unit_id) for unit_id in placed[2026])
    # 132 of 3,321 communes go on as they were.
    assert 0.8 < share(sum(not before.exists(u) for u in placed[2026]), len(placed[2026])) < 1


def test_a_map_may_come_from_windows() -> None:
    first, *others = land().lines
    over = read_territory([b"\xef\xbb\xbf" + first + b"\r\n", *(line + b"\r\n" for line in others)])
    assert over.lines == land().lines


def test_a_map_is_made_of_unit_events_and_has_a_country() -> None:
    with pytest.raises(ValueError, match="opens a country"):
        read_territory([])
    with pytest.raises(ValueError, match="line 1 of the map là UTF-16 LE: hãy lưu lại"):
        read_territory([land().lines[0].decode().encode("utf-16")])
    with pytest.raises(ValueError, match="line 1"):
        read_territory([b'{"type":"dvk.ModelRegistered.v1","subject":"registration/r","data":{}}'])
    with pytest.raises(ValueError, match="line 2"):
        read_territory([land().lines[0], b"not json"])


def test_memory_does_not_grow_with_the_history() -> None:
    def peak(count: int) -> int:
        lines = lines_of(Plan(200_000, 2022, 2022, seed=5))
        for _ in islice(lines, 500):
            pass
        tracemalloc.start()
        for _ in islice(lines, count):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(100)
    assert peak(4_000) < peak(400) * 1.2 + 10_000


@pytest.mark.parametrize(
    ("text", "years"),
    [("2024", (2024, 2024)), ("2022-2026", (2022, 2026)), ("2022 – 2026", (2022, 2026))],
)
def test_years_are_one_or_a_range(text: str, years: tuple[int, int]) -> None:
    assert options.years(text) == years


@pytest.mark.parametrize("text", ["", "22", "2026-2022", "0000", "2022-", "always"])
def test_years_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="2022-2026"):
        options.years(text)
