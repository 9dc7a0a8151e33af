"""Finding, on both databases: what has the words at a position is found, and nothing else."""

from __future__ import annotations

from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from services.reporting.queries.filters import Filters
from services.reporting.queries.finding import entry_search
from services.reporting.queries.finding.finder import KINDS
from shared.web.answers.as_of_parameters import map_choice
from tests.integration.reporting.conftest import BOTH
from tests.support import event_builders as say
from tests.support.cloudevents import country, unit
from tests.support.databases import new_database
from tests.support.naive_finding import NaiveFinding, made, organization
from tests.support.rebuildable_ledger import Rebuilding
from tests.support.scenarios import History
from tests.support.unit_events import merged, renamed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SEED = 20_261_129
QUESTIONS = (
    "duong",
    "bảo vệ",
    "bao ve",
    "hội",
    "hoi nong",
    "van",
    "12/qđ",
    "qd ubnd",
    "dan van k",
    "giấy khen",
    "moi truong hoi",
    "giấy khen xã đức x",
    "minh khai hoi",
)


WHOLE = Filters(None, None, None, map_choice("recorded", lambda: 0))


def found(ledger: Rebuilding, question: str, position: int, **scope: Any) -> dict[str, list[str]]:
    """Return the subjects found, by kind, in their order."""
    filters = Filters(scope.get("unit"), None, None, scope.get("map", WHOLE.map))
    kinds = [kind for kind in KINDS if kind != "unit"]
    as_of = ledger.reads.as_of(str(position))
    return {
        each.kind: [item["subject"] for item in each.items]
        for each in ledger.reads.find(question, kinds, filters, as_of, (0, 1_000))
    }


def fill(url: str) -> None:
    Rebuilding(url, made(SEED)).project().store.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("pg", marks=pytest.mark.postgres)])
def random_ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rebuilding]:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('finding') / 'r.db'}"
        if request.param == "pg":
            url = stack.enter_context(new_database(request.getfixturevalue("postgres_url")))
        ledger = Rebuilding(url, made(SEED)).project()
        stack.callback(ledger.store.close)
        yield ledger


def agree(ledger: Rebuilding, positions: list[int]) -> int:
    """Compare with the naive search at some positions; return how much was found."""
    state, total = NaiveFinding(), 0
    for event in ledger.log.read(0, 10_000):
        state.take(event)
        if event.position in positions:
            for question in QUESTIONS:
                here = found(ledger, question, event.position)
                for kind, subjects in here.items():
                    assert set(subjects) == state.find(kind, question), (
                        event.position,
                        kind,
                        question,
                    )
                    assert len(subjects) == len(set(subjects))
                    total += len(subjects)
    return total


def test_what_is_found_is_what_has_the_words_at_any_position_before_and_after_a_rebuild(
    random_ledger: Rebuilding,
) -> None:
    ledger, head = random_ledger, random_ledger.projection.position
    assert not ledger.projection.now.runner.quarantined()
    random = Random(SEED)
    positions = sorted({head, *(random.randint(1, head) for _ in range(5))})
    before = agree(ledger, positions)
    assert before > 100
    done = ledger.rebuilt("search")
    assert done.findings.accepted_total == done.findings.unaccepted_total == 0
    ledger.project()
    assert ledger.generation("search") == 2
    assert agree(ledger, positions) == before
    # The replaced generation can answer again, and the one after it replaces it for good.
    ledger.rebuild("search").roll_back()
    ledger.project()
    assert agree(ledger, [head]) > 0
    ledger.rebuilt("search")
    ledger.project()
    assert agree(ledger, [head]) > 0


@pytest.fixture(params=BOTH)
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rebuilding]:
    """Give a ledger with a country, a province and its two communes."""
    history = History().given(country(), unit("p1"), unit("c1", "p1", "commune"))
    history.given(unit("c2", "p1", "commune"), unit("p2"))
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'r.db'}"
        if request.param == "postgres":
            url = stack.enter_context(new_database(request.getfixturevalue("postgres_url")))
        ledger = Rebuilding(url, history)
        stack.callback(ledger.store.close)
        yield ledger


def test_a_renamed_owner_renames_its_models_and_a_retraction_takes_it_back(
    small: Rebuilding,
) -> None:
    renamed = organization(1, "Hội Phụ nữ")
    small.history.given(say.registered("1", owner_org_id="o-1", title="Đường hoa"))
    small.history.given(organization(1, "Hội Nông dân"), renamed, say.retracted(renamed))
    small.project()
    undefined, defined, other, head = (small.log.head().position - n for n in (3, 2, 1, 0))

    def models(question: str) -> list[bool]:
        at = (undefined, defined, other, head)
        return [found(small, question, each)["model"] == ["model/m-1"] for each in at]

    assert models("duong hoa") == [True] * 4
    assert models("hoa nong dan") == [False, True, False, True]
    assert models("hoa phu nu") == [False, False, True, False]


def test_a_scope_has_what_counts_in_it_on_the_map(small: Rebuilding) -> None:
    small.history.given(
        say.registered("1", unit_id="c1", title="Đường hoa"),
        say.registered("2", unit_id="c2", title="Đường hoa"),
        say.registered("3", unit_id="p2", title="Đường hoa"),
        merged("2024-07-01", ("c1", "c2"), "c3"),
    )
    small.project()
    head = small.log.head().position
    assert found(small, "duong hoa", head, unit="vn")["model"] == [
        f"model/m-{n}" for n in (3, 2, 1)
    ]
    assert found(small, "duong hoa", head, unit="p1")["model"] == ["model/m-2", "model/m-1"]
    assert found(small, "duong hoa", head, unit="c2")["model"] == ["model/m-2"]
    before, after = (map_choice(day, lambda: 0) for day in ("2023-01-01", "2025-01-01"))
    joined = ["model/m-2", "model/m-1"]
    assert found(small, "duong hoa", head, unit="c3", map=after)["model"] == joined
    assert found(small, "duong hoa", head, unit="p1", map=after)["model"] == []
    assert found(small, "duong hoa", head, unit="c1", map=before)["model"] == ["model/m-1"]
    assert found(small, "duong hoa", head, unit="c3")["model"] == joined


def test_a_decision_is_where_its_registration_was_moved_though_another_year_is_the_latest(
    small: Rebuilding,
) -> None:
    of = {"model_id": "m-1", "unit_id": "c1", "title": "Đường hoa"}
    decided = {"decision": {"kind": "decision", "number": "15/QĐ-UBND"}}
    small.history.given(
        say.registered("1", **of, plan_year=2022),
        say.registered("0", **of, plan_year=2021),
        say.amended("0", unit_id="c2"),
    )
    small.project()
    small.history.given(say.recognized("0", **decided))
    small.project()
    head = small.log.head().position
    for unit_id, model, decision in (("c1", ["model/m-1"], []), ("c2", [], ["registration/r-0"])):
        assert found(small, "duong hoa", head, unit=unit_id)["model"] == model
        assert found(small, "15/QĐ-UBND", head, unit=unit_id)["decision"] == decision


def test_an_award_is_found_by_the_name_that_its_recipients_unit_had_by_then(
    small: Rebuilding,
) -> None:
    small.history.given(
        unit("c4", "p1", "commune", name="Đức Xuân", kind="phường"),
        say.granted("1", unit_id="p1", recipient={"kind": "collective", "unit_id": "c4"}),
        say.granted("2", unit_id="p1", recipient={"kind": "collective", "org_id": "o-9"}),
    )
    small.project()
    before = small.log.head().position
    small.history.given(renamed("c4", "2024-01-01", "Sông Cầu"))
    small.project()
    after = small.log.head().position
    for question in ("giấy khen Đức Xuân", "giay khen phuong duc xu", "duc xuan"):
        assert found(small, question, before)["award"] == ["award/a-1"], question
        assert found(small, question, after)["award"] == ["award/a-1"], question
    assert found(small, "sông cầu", before)["award"] == []
    assert found(small, "sông cầu", after)["award"] == ["award/a-1"]
    assert found(small, "giấy khen", after)["award"] == ["award/a-2", "award/a-1"]
    assert found(small, "đức xuân", after, unit="p2")["award"] == []


def test_titles_without_other_words_come_first_and_numbers_as_written(small: Rebuilding) -> None:
    titles = ("Tổ 01", "Tổ 1", "Tổ 001", "Tổ 1 tự quản", "Tổ 001 tự quản", "Tổ 1")
    for number, title in enumerate(titles):
        small.history.given(say.registered(f"{number}", title=title))
    small.project()
    head = small.log.head().position

    def order(question: str) -> list[int]:
        return [int(each.partition("-")[2]) for each in found(small, question, head)["model"]]

    assert order("tổ 1") == [5, 1, 3, 2, 0, 4]
    assert order("to 001") == [2, 4, 5, 1, 0, 3]
    assert order("001") == [4, 2, 5, 3, 1, 0]
    assert order("to") == [5, 4, 3, 2, 1, 0]


def test_accents_as_typed_come_first_and_the_newest_first_among_equals(small: Rebuilding) -> None:
    titles = ("Bao ve", "Bảo vệ", "Báo vé", "Bảo vệ rừng", "Bao ve đê")
    for number, title in enumerate(titles):
        small.history.given(say.registered(f"{number}", title=title))
    small.project()
    head = small.log.head().position
    assert found(small, "bảo vệ", head)["model"] == [f"model/m-{n}" for n in (1, 3, 2, 0, 4)]
    assert found(small, "bao ve", head)["model"] == [f"model/m-{n}" for n in (2, 1, 0, 4, 3)]


@pytest.mark.parametrize("probed", [4, 5_000])
def test_many_hits_are_counted_up_to_a_limit_and_paged_newest_first(
    small: Rebuilding, monkeypatch: pytest.MonkeyPatch, probed: int
) -> None:
    for number in range(40):
        small.history.given(say.registered(f"{number}", title=f"Tổ tự quản {number}"))
    small.project()
    as_of = small.reads.as_of()
    monkeypatch.setattr(entry_search, "MOST", 30)
    monkeypatch.setattr("services.reporting.queries.finding.finder.MOST", 30)
    monkeypatch.setattr(entry_search, "_WINDOWS", (3, 9))
    monkeypatch.setattr(entry_search, "RANKED", 5)
    monkeypatch.setattr(entry_search, "PROBED", probed)
    pages, start = [], 0
    while True:
        (part,) = small.reads.find("tu quan", ["model"], WHOLE, as_of, (start, start + 12))
        assert (part.number, part.exact) == (30, False)
        pages.append([item["subject"] for item in part.items])
        if part.after is None:
            break
        start = part.after
    assert [len(page) for page in pages] == [12, 12, 6]
    newest_first = [f"model/m-{n}" for n in range(39, 9, -1)]
    assert [subject for page in pages for subject in page] == newest_first
    monkeypatch.setattr(entry_search, "MOST", 40)
    (part,) = small.reads.find("tu quan", ["model"], WHOLE, as_of, (0, 5))
    assert (part.number, part.exact) == (30, False) or part.exact
