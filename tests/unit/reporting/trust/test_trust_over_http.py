"""docs/events.md, `GET /trust`: who may speak for what, as known at any position, over HTTP."""

import csv
import io
from collections.abc import Iterator
from io import StringIO

import httpx
import pytest

from services.console.output.texts import Terminal
from services.console.trust.show import show_of
from shared.events.payloads.authority import TrustBegan
from shared.vocabulary import Family
from tests.support.dashboard_pages import Paging
from tests.support.figures_of_events import Projecting
from tests.support.trusted import ROOTS, authorized, began, key_added, key_of, spoken
from tests.support.two_provinces import approved, ended, ledger, registers


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Two provinces that may speak; the second key of `p-a` is compromised after two events."""
    history = ledger(
        key_added("p-a", 2, by="p-a"),
        registers("p-a", "1", "a1", key=key_of("p-a", 2)),
        registers("p-b", "2", "b1"),
        registers("p-a", "3", "a1", key=key_of("p-a", 2)),
        authorized("p-c", "b", speaks_from="2026-01-01", speaks_to="2026-02-01"),
        ended("p-c", "p-c.b"),
    )
    head = history.log.as_family(Family.REPORTING).head().position
    revoked = {
        "publisher_id": "p-a",
        "key_id": key_of("p-a", 2).key_id,
        "why": "compromised",
        "suspect_from": head - 2,
        "occurred_on": "2026-01-01",
    }
    history.given(spoken("KeyRevoked", revoked, ROOTS[0]))
    folder = tmp_path_factory.mktemp("trust")
    started = Projecting(f"sqlite:///{folder / 'reporting.db'}", history=history)
    yield Paging(started.project())
    started.store.close()


def items(paging: Paging, address: str) -> list[dict[str, object]]:
    answer = paging.answer(address)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def test_before_trust_there_is_nothing_to_pin(projecting: Projecting) -> None:
    state = Paging(projecting).answer("/trust").json()
    assert state["began"] is False
    assert {state[name] for name in ("digest", "realm", "began_at", "threshold")} == {None}
    assert items(Paging(projecting), "/trust/grants") == []


def test_the_state_names_realm_roots_threshold_and_the_digest_to_pin(paging: Paging) -> None:
    (began,) = paging.projecting.log.streams([TrustBegan.STREAM])
    state = paging.answer("/trust").json()
    assert state["digest"] == began.digest.hex()
    assert (state["began_at"], state["realm"]) == (began.position, "test.example")
    assert state["threshold"] == 1
    assert state["roots"] == [{"publisher_id": each, "live_keys": 1} for each in ROOTS]
    before = paging.answer(f"/trust?known_at={began.position - 1}").json()
    assert before["began"] is False


def test_a_publisher_has_as_many_keys_and_grants_as_are_in_force(paging: Paging) -> None:
    found = {each["publisher_id"]: each for each in items(paging, "/trust/publishers")}
    assert [(found[p]["live_keys"], found[p]["grants_in_force"]) for p in ("p-a", "p-c")] == [
        (1, 1), (0, 0),
    ]  # fmt: skip
    assert [each for each in found if found[each]["is_root"]] == list(ROOTS)


def test_a_grant_states_its_unit_days_and_powers_and_ends_at_a_position(paging: Paging) -> None:
    grants = {each["grant_id"]: each for each in items(paging, "/trust/grants")}
    own = grants["p-a.a"]
    assert (own["unit_id"], own["powers"], own["in_force"]) == ("a", ["publish"], True)
    assert own["families"] == ["registry", "evaluation", "reporting"]
    over = grants["p-c.b"]
    assert (over["speaks_to"], over["in_force"]) == ("2026-02-01", False)
    earlier = int(str(over["ended_at"])) - 1
    known = {each["grant_id"]: each for each in items(paging, f"/trust/grants?known_at={earlier}")}
    assert known["p-c.b"]["ended_at"] is None


def test_a_key_that_was_revoked_was_live_before(paging: Paging) -> None:
    key_id = key_of("p-a", 2).key_id
    key = next(each for each in items(paging, "/trust/keys") if each["key_id"] == key_id)
    assert (key["live"], key["why"]) == (False, "compromised")
    before = items(paging, f"/trust/keys?known_at={int(str(key['revoked_at'])) - 1}")
    assert next(each for each in before if each["key_id"] == key_id)["live"] is True


def test_suspects_are_what_the_key_signed_from_the_stated_position_on(paging: Paging) -> None:
    key_id = key_of("p-a", 2).key_id
    answer = paging.answer(f"/trust/suspects?key={key_id}").json()
    # Its first event came before the position that the revocation states.
    assert [each["subject"] for each in answer["items"]] == ["registration/r-3"]
    assert answer["suspect_from"] <= answer["items"][0]["position"] < answer["revoked_at"]
    before = paging.answer(f"/trust/suspects?key={key_id}&known_at={answer['revoked_at'] - 1}")
    assert [each["subject"] for each in before.json()["items"]] == [
        "registration/r-1", "registration/r-3",
    ]  # fmt: skip
    assert paging.answer(f"/trust/suspects?key={'x' * 22}").status_code == 404


def test_pages_of_a_list_are_the_list(paging: Paging) -> None:
    key_id = key_of("p-a", 2).key_id
    revoked_at = paging.answer(f"/trust/suspects?key={key_id}").json()["revoked_at"]
    of_key = f"/trust/suspects?key={key_id}&known_at={revoked_at - 1}&limit=1"
    for path in ("/trust/grants?limit=2", of_key):
        whole, part = items(paging, f"{path}00"), paging.answer(path).json()
        parts = part["items"]
        while part["next"] is not None:
            part = paging.answer(f"{path}&cursor={part['next']}").json()
            parts += part["items"]
        assert parts == whole
        assert len(whole) > 1


def test_people_read_units_codes_and_days_in_words(paging: Paging) -> None:
    answer = paging.answer("/trust/grants?format=csv&lang=vi").content.decode("utf-8-sig")
    rows = {row["Mã quyền"]: row for row in csv.DictReader(io.StringIO(answer, newline=""))}
    assert rows["p-a.a"]["Quyền"] == "Gửi sự kiện"
    assert rows["p-a.a"]["Dịch vụ"] == "Đăng ký; Đánh giá; Tổng hợp"
    assert rows["p-a.a"]["Đang có hiệu lực"] == "có"


def test_what_waits_for_another_root_has_no_effect_until_it_agrees(projecting: Projecting) -> None:
    grant, paging = authorized("p-bk", "bk"), Paging(projecting)
    projecting.given(began(threshold=2), grant)
    (pending,) = items(paging, "/trust/pending")
    assert (pending["type"], pending["id"]) == (grant.type, grant.key.id)
    assert (pending["approved_by"], pending["threshold"]) == ([ROOTS[0]], 2)
    assert "p-bk.bk" not in {each["grant_id"] for each in items(paging, "/trust/grants")}
    assert [row[0] for row in paging.get("/pages/trust").rows("Đang chờ đồng ý")] == ["p-bk"]
    projecting.given(approved(grant, by=ROOTS[1]))
    assert items(paging, "/trust/pending") == []
    assert "p-bk.bk" in {each["grant_id"] for each in items(paging, "/trust/grants")}


def shown(paging: Paging, known_at: str | None) -> str:
    """Return what `dvk trust show` prints of the ledger behind these addresses."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = paging.answer(request.url.raw_path.decode())
        return httpx.Response(found.status_code, content=found.content)

    text = StringIO()
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        show_of(client, "http://test", known_at, Terminal(file=text, width=200))
    return text.getvalue()


def test_the_command_prints_the_pin_and_the_lists_of_one_moment(paging: Paging) -> None:
    state, now = paging.answer("/trust").json(), shown(paging, None)
    assert f"DVK_TRUST={state['digest']}" in now
    for said in ("p-a.a", "p-c.b", key_of("p-a", 2).key_id, "Lộ khóa", "Gửi sự kiện"):
        assert said in now
    earlier = shown(paging, str(state["began_at"]))
    assert key_of(ROOTS[0]).key_id in earlier
    assert "p-a" not in earlier
    assert "DVK_TRUST" not in shown(paging, "1")


def test_the_page_leads_from_a_publisher_to_its_unit_and_from_a_key_to_its_events(
    paging: Paging,
) -> None:
    page = paging.get("/pages/trust")
    rows = page.rows("Nơi gửi và đơn vị")
    assert [row[0] for row in rows][-3:] == ["p-a", "p-b", "p-c"]
    assert page.link("a", path="/").startswith("/?unit=a")
    suspects = next(href for href, _ in page.links if href.startswith("/trust/suspects"))
    assert [each["subject"] for each in items(paging, suspects)] == ["registration/r-3"]
    seen = paging.crawl("/pages/trust", "/pages/trust?lang=en", most=60)
    assert {address: status for address, status in seen.items() if status != 200} == {}


def test_the_page_of_a_unit_shows_who_speaks_for_it(paging: Paging) -> None:
    rows = paging.get("/pages/trust?unit=a1").rows("Nơi gửi và đơn vị")
    assert [row[0] for row in rows] == [*(f"{root} (nơi gốc)" for root in ROOTS), "p-a"]
