"""A province's log is forwarded to the nation's: each event once, in order, whatever is cut."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.console.forwarding.forwarder import Stopped
from shared.client.forwarding_state import ForwardingState
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.http_clients import BATCHED
from tests.support.small_ledger import OPENED, SmallLedger, small_ledger
from tests.support.two_ledgers import (
    NAME,
    Answers,
    CutLine,
    followed,
    forwarded,
    forwarder,
    log_of,
    numbered,
    origin_of,
    unit,
)

ORIGIN = ("originledger", "originposition", "originchain", "origintime")
BY_THE_LOG = ("sequence", "recordedtime", "chain")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("province")) as ledger:
        yield ledger


@pytest.fixture(scope="module")
def whole(province: SmallLedger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    """Give a nation to which all was forwarded; under another name it gets the same once more."""
    home = tmp_path_factory.mktemp("whole")
    with small_ledger(home / "nation", []) as ledger:
        assert forwarded(province, ledger, home / "state.db") == province.head()
        yield ledger


@pytest.fixture
def nation(tmp_path: Path) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path / "nation", []) as ledger:
        yield ledger


def assert_whole(province: SmallLedger, nation: SmallLedger) -> None:
    """Each event of the province is in the nation once, in its order, as it was recorded there."""
    there, here = log_of(province), log_of(nation)
    assert len(here) == len(there)
    for own, forwarded_ in zip(there, here, strict=True):
        origin = (NAME, int(own["sequence"]), own["chain"], own["recordedtime"])
        assert tuple(forwarded_[each] for each in ORIGIN) == origin
        same = {k: v for k, v in forwarded_.items() if k not in {*ORIGIN, *BY_THE_LOG}}
        assert same == {k: v for k, v in own.items() if k not in BY_THE_LOG}


def test_every_event_of_the_province_is_in_the_nations_log_in_its_order(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    assert_whole(province, whole)
    assert forwarded(province, whole, tmp_path / "lost-state.db") == 0
    assert forwarded(province, whole, tmp_path / "lost-state.db") == 0


def test_a_line_that_is_cut_at_every_other_request_forwards_each_event_once(
    province: SmallLedger, nation: SmallLedger, tmp_path: Path
) -> None:
    asked = 0

    def breaks(request: httpx.Request, answer: Answers) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked % 4 == 1:
            raise httpx.ConnectError("the line is cut before the request")
        answered = answer(request)
        if asked % 4 == 3:
            raise httpx.ReadError("the line is cut before the answer")
        return answered

    assert forwarded(province, CutLine(nation, breaks), tmp_path / "state.db") == province.head()
    assert_whole(province, nation)


def test_a_forwarder_that_lost_its_receipts_gets_the_same_ones_again(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    name = f"{NAME}-2"
    with forwarder(province, whole, tmp_path / "state.db", name) as forwarding:
        forwarding.begin()
        begun = forwarding.state
        forwarding.forward()
        forwarding.kept.save(begun)
    assert forwarded(province, whole, tmp_path / "state.db", name) == province.head()
    assert_whole(province, whole)
    head = origin_of(whole, name)
    assert (head["originposition"], head["duplicates"]) == (province.head(), province.head())


def test_what_the_nation_refuses_is_kept_in_the_province_in_both_languages(
    province: SmallLedger, nation: SmallLedger, tmp_path: Path
) -> None:
    nation.publish([cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED}), unit("t-1", "X")])
    with forwarder(province, nation, tmp_path / "state.db") as forwarding:
        forwarding.begin()
        forwarding.forward()
        refused = {each.subject: each for each in forwarding.kept.refusals(100)}
        counts = forwarding.kept.get().counts  # type: ignore[union-attr]
    own = {each["subject"]: int(each["sequence"]) for each in log_of(province)}
    opened = refused["unit/t-1"]
    assert (opened.position, opened.code) == (own["unit/t-1"], "unit_exists")
    assert "t-1" in opened.vi
    assert "t-1" in opened.en
    assert opened.vi != opened.en
    assert counts is not None
    assert counts["refused"] == len(refused)
    head = origin_of(nation)
    assert (head["originposition"], head["refused"]) == (province.head(), len(refused))


def test_what_was_parked_in_the_nation_and_refused_later_is_shown_in_the_province(
    province: SmallLedger, nation: SmallLedger, tmp_path: Path
) -> None:
    taken = next(each["id"] for each in log_of(province) if each["subject"] == "unit/x-2")
    nation.publish([cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})])
    nation.publish([{**unit("t-8", "Tỉnh 8"), "id": taken}])  # so the opening of x-2 is refused
    forwarded(province, nation, tmp_path / "state.db")
    assert origin_of(nation)["parked"] > 0
    nation.publish([unit("x-2", "Xã", "t-1", "commune", occurred_on="2023-01-01")])
    with forwarder(province, nation, tmp_path / "state.db") as forwarding:
        forwarding.begin()
        refused = {each.subject: each.code for each in forwarding.kept.refusals(100)}
    assert refused["registration/r-1"] == "unit_does_not_exist"


def test_the_nation_sees_that_a_quiet_province_withholds_nothing(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    before = origin_of(whole)
    forwarded(province, whole, tmp_path / "state.db")
    after = origin_of(whole)
    assert after["received_at"] > before["received_at"]
    assert after["originhead"] == province.head() == len(log_of(whole))


def test_a_province_that_was_restored_is_stopped_before_it_sends(tmp_path: Path) -> None:
    opened = [cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED}), *map(numbered, "12")]
    others = [opened[0], *map(numbered, "345")]
    with (
        small_ledger(tmp_path / "nation", []) as nation,
        small_ledger(tmp_path / "province", opened) as before,
        small_ledger(tmp_path / "restored", opened[:1]) as restored,
    ):
        with forwarder(before, nation, tmp_path / "state.db") as forwarding:
            forwarding.begin()
            forwarding.forward()
            kept = forwarding.state
        line = CutLine(nation)
        with forwarder(restored, line, tmp_path / "state.db") as forwarding:
            assert code_of(forwarding.begin) == "origin_forked", "it is shorter"
            restored.publish(others[1:])
            assert code_of(forwarding.begin) == "origin_forked", "it is longer, and another"
            forwarding.state = kept
            assert code_of(forwarding.forward) == "origin_forked", "it was restored meanwhile"
        assert line.posts == 0
        assert [each["subject"] for each in log_of(nation)] == ["unit/vn", "unit/t-1", "unit/t-2"]
        assert forwarded(restored, nation, tmp_path / "state.db", f"{NAME}-2") == len(others)
        subjects = [each["subject"] for each in log_of(nation)]
        assert subjects[3:] == ["unit/t-3", "unit/t-4", "unit/t-5"], "under a new name"


def test_events_that_the_nation_has_no_room_for_now_are_sent_again_in_order(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    def breaks(request: httpx.Request, answer: Answers) -> httpx.Response:
        if request.method == "POST" and len(asked := json.loads(request.content)) > 3:
            items = answer(posted(request, asked[:3])).json()["items"]
            busy = {"code": "too_many_parked", "status": 429, "detail": ""}
            later = {"status": "invalid", "problem": busy}
            return httpx.Response(200, json={"items": [*items, *[later] * (len(asked) - 3)]})
        return answer(request)

    line, name = CutLine(whole, breaks), f"{NAME}-3"
    assert forwarded(province, line, tmp_path / "state.db", name) == province.head()
    assert origin_of(whole, name)["duplicates"] == province.head()


def test_an_event_that_the_nation_cannot_read_stops_the_line_with_its_reason(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    """As one of a later release of the province does: the nation sees no event, and then a gap."""

    def breaks(request: httpx.Request, answer: Answers) -> httpx.Response:
        if request.method == "POST":
            asked = json.loads(request.content)
            for each in asked:
                if each["originposition"] == 3:
                    each["type"] = "dvk.NotYetKnown.v1"
            request = posted(request, asked)
        return answer(request)

    line, name = CutLine(whole, breaks), f"{NAME}-4"
    with forwarder(province, line, tmp_path / "state.db", name) as forwarding:
        forwarding.begin()
        assert code_of(forwarding.forward) == "unknown_type"
        assert forwarding.state.position == 2 == origin_of(whole, name)["originposition"]


def test_a_province_whose_last_events_were_refused_is_heard_from_all_the_same(
    province: SmallLedger, nation: SmallLedger, tmp_path: Path
) -> None:
    last = log_of(province)[-2:]
    nation.publish([cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})])
    nation.publish([{**unit(f"t-{n}", "X"), "id": each["id"]} for n, each in enumerate(last, 7)])
    state = tmp_path / "state.db"
    forwarded(province, nation, state)
    before = origin_of(nation)
    line = CutLine(nation)
    forwarded(province, line, state)
    after = origin_of(nation)
    assert line.posts == 1
    assert after["received_at"] > before["received_at"]
    places = [
        each["originposition"]
        for family in Family
        for each in nation.ask(family, "GET", f"/refused?origin={NAME}").json()["items"]
    ]
    assert {province.head() - 1, province.head()} <= set(places)
    assert len(places) == len(set(places)), "no refusal is listed a second time"


def test_an_event_that_came_from_another_ledger_is_not_forwarded_on(
    province: SmallLedger, whole: SmallLedger, tmp_path: Path
) -> None:
    line, state = CutLine(province), tmp_path / "state.db"
    assert followed(whole, line, state, lambda _seconds: None, once=True) == 3
    assert line.posts == 0
    with ForwardingState.opened(state) as kept:
        found = kept.get()
    assert found is not None
    assert found.stop is not None
    code, vietnamese, english = found.stop
    assert code == "origin_elsewhere"
    assert vietnamese.startswith(f"Sự kiện ở vị trí 1 của sổ này do sổ cái {NAME} chuyển đến.")
    assert f"was forwarded to it by the ledger {NAME}." in english


def test_a_nation_that_answers_how_far_it_is_from_a_replica_stops_nothing(
    province: SmallLedger, nation: SmallLedger, tmp_path: Path
) -> None:
    """Whatever its replica does not have yet: a later event of the request was taken."""

    def breaks(request: httpx.Request, answer: Answers) -> httpx.Response:
        if request.url.path.endswith("/origins"):
            return httpx.Response(200, json={"items": [], "next": None})
        answered = answer(request)
        if request.method == "POST":
            items = answered.json()["items"]
            unfit = {"code": "redacted_at_origin", "status": 422, "detail": ""}
            if len(items) > 2:
                items[1] = {"status": "invalid", "problem": unfit}
            return httpx.Response(200, json={"items": items})
        return answered

    assert forwarded(province, CutLine(nation, breaks), tmp_path / "state.db") == province.head()


def posted(request: httpx.Request, events: list[dict[str, Any]]) -> httpx.Request:
    """Return a request with other events."""
    return httpx.Request("POST", request.url, headers=BATCHED, content=json.dumps(events))


def code_of(does: Callable[[], object]) -> object:
    with pytest.raises(Stopped) as stopped:
        does()
    return stopped.value.problem["code"]
