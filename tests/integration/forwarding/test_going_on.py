"""Forwarding goes on by itself after the nation was restored, and sends again what was refused."""

import json
from pathlib import Path

import httpx

from shared.client.forwarding_state import ForwardingState
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.small_ledger import OPENED, small_ledger
from tests.support.two_ledgers import (
    NAME,
    Answers,
    CutLine,
    followed,
    forwarded,
    log_of,
    numbered,
    origin_of,
    unit,
)


def test_a_nation_restored_to_a_backup_is_followed_on_its_refusals_too(tmp_path: Path) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    state = tmp_path / "state.db"
    with (
        small_ledger(tmp_path / "province", [country, *map(numbered, "12")]) as province,
        small_ledger(tmp_path / "nation", []) as nation,
        small_ledger(tmp_path / "backup", []) as backup,
    ):
        for each in (nation, backup):
            forwarded(province, each, tmp_path / f"{id(each)}.db")
        nation.publish([unit("t-4", "X")])  # so the province's own t-4 is refused
        province.publish(list(map(numbered, "3456")))
        line = CutLine(nation)
        seen: list[list[str]] = []

        def pause(_seconds: float) -> None:
            with ForwardingState.opened(state) as kept:
                found = kept.get()
                seen.append([each.subject for each in kept.refusals(9)])
            if found is None or found.position < province.head():
                return
            if line.ledger is nation:
                line.ledger = backup
                backup.publish([unit("t-5", "X")])
                province.publish([numbered("7")])  # sent to a nation that is elsewhere
            else:
                raise KeyboardInterrupt

        assert followed(province, line, state, pause) == 0
        assert seen[-1] == ["unit/t-5"], "t-4 was taken by the nation as it is now"
        assert ["unit/t-4"] in seen
        head = origin_of(backup)
        assert (head["originposition"], head["recorded"], head["refused"]) == (8, 7, 1)
        with ForwardingState.opened(state) as kept:
            found = kept.get()
        assert found is not None
        assert found.counts == {"accepted": 7, "refused": 1}, "as the nation counts"
        assert found.stop is None


def test_refused_events_are_sent_again_once_their_reason_is_gone(tmp_path: Path) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    registered = cloudevent("ModelRegistered", registration("1", "t-1"))
    of_nation = {**registration("1", "t-1"), "registration_id": "r-9"}
    withdrawn = {"registration_id": "r-9", "reason": "đăng ký trùng"}
    state = tmp_path / "state.db"
    with (
        small_ledger(
            tmp_path / "province", [country, *map(numbered, "12"), registered]
        ) as province,
        small_ledger(tmp_path / "nation", [country, numbered("1")]) as nation,
    ):
        nation.publish([unit("t-2", "X"), cloudevent("ModelRegistered", of_nation)])

        def run(**way: bool) -> tuple[int, list[tuple[int, str]]]:
            code = followed(province, CutLine(nation), state, lambda _seconds: None, **way)
            with ForwardingState.opened(state) as kept:
                return code, [(each.position, each.code) for each in kept.refusals(9)]

        unit_2, unit_1, registration_1 = (
            (3, "unit_exists"),
            (2, "unit_exists"),
            (4, "model_registered_for_year"),
        )
        assert run(once=True) == (1, [registration_1, unit_2, unit_1])
        nation.publish([cloudevent("RegistrationWithdrawn", withdrawn)])
        assert run(again=True) == (1, [unit_2, unit_1])
        assert run(once=True) == (0, [unit_2, unit_1]), "it does not come back from the list"
        assert log_of(nation)[-1]["originposition"] == registration_1[0]
        assert origin_of(nation)["originposition"] == province.head()


def test_a_batch_of_which_nothing_is_believed_stops_with_the_reason(tmp_path: Path) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    unproved = {"code": "origin_unproved", "status": 403, "detail": "", "ledger": NAME}

    def breaks(request: httpx.Request, answer: Answers) -> httpx.Response:
        if request.method != "POST":
            return answer(request)
        items = [{"status": "invalid", "problem": unproved} for _ in json.loads(request.content)]
        return httpx.Response(200, json={"items": items})

    state = tmp_path / "state.db"
    with (
        small_ledger(tmp_path / "province", [country]) as province,
        small_ledger(tmp_path / "nation", []) as nation,
    ):
        line = CutLine(nation, breaks)
        assert followed(province, line, state, lambda _seconds: None, once=True) == 3
    with ForwardingState.opened(state) as kept:
        found = kept.get()
    assert found is not None
    assert found.stop is not None
    assert found.stop.code == "origin_unproved"
    assert found.position == 0
