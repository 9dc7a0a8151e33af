"""Finding, on both databases: what has the words at a position is found, and nothing else.

The naive search below reads the events of the log one by one and shares no code with the index.
"""

from __future__ import annotations

import json
import unicodedata
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from services.reporting.queries.filters import Filters
from services.reporting.queries.finding import entry_search
from services.reporting.queries.finding.finder import KINDS
from shared.web.answers.as_of_parameters import map_choice
from tests.support import event_builders as say
from tests.support.cloudevents import country, received, unit
from tests.support.databases import new_database
from tests.support.rebuildable_ledger import Rebuilding
from tests.support.scenarios import History
from tests.support.unit_events import merged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.events.envelope import ReceivedEvent

SEED = 20_261_129
TITLES = (
    "Đường hoa nông thôn mới",
    "Bảo vệ môi trường",
    "Khéo vận động hiến đất làm đường",
    "Tổ tự quản an ninh",
    "Dân vận khéo trong bao vệ rừng",
)
NAMES = ("Hội Nông dân xã", "Hội Phụ nữ", "Ban Dân vận Hòa An", "Đoàn Thanh niên")
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
)


def organization(number: int, name: str, **data: Any) -> ReceivedEvent:
    stated = {"org_id": f"o-{number}", "name": name, "kind": "k", "unit_id": "vn", **data}
    return received("OrganizationDefined", {**stated, "occurred_on": "2020-01-01"})


def random_event(  # noqa: PLR0911  one for each kind
    random: Random, number: int, defined: list[ReceivedEvent]
) -> ReceivedEvent:
    """Return one event of models, organisations or awards; the rules may refuse it."""
    pick, title = random.choice, random.choice(TITLES)
    place, owner = pick(("vn", "p1", "c1", "c2")), pick((None, "o-1", "o-2", "o-3"))
    of = pick(range(1, 13))
    decision = {"decision": {"kind": "decision", "number": pick(("12/QĐ-UBND", "7-QĐ/TU"))}}
    match pick(("register", "register", "amend", "recognize", "revoke", "define", "define",
                "retract", "grant", "amend award")):  # fmt: skip
        case "register":
            model = {"model_id": f"m-{pick(range(1, 6))}", "plan_year": pick((2021, 2022))}
            return say.registered(
                f"{number}", unit_id=place, title=title, owner_org_id=owner, **model
            )
        case "amend":
            changes = {"title": title} if random.random() < 0.6 else {"owner_org_id": owner}
            return say.amended(f"{of}", **pick((changes, {**changes, "unit_id": place})))
        case "recognize":
            return say.recognized(f"{of}", **pick((decision, {"decision": {"kind": "decision"}})))
        case "revoke":
            return say.revoked(f"{of}")
        case "define":
            return organization(pick((1, 2, 3)), pick(NAMES), unit_id=place)
        case "retract" if defined:
            return say.retracted(pick(defined))
        case "grant":
            recipient = {"kind": "collective", **({"org_id": owner} if owner else {})}
            return say.granted(f"{number}", unit_id=place, recipient=recipient, **decision)
        case _:
            changes = pick(({"award_name": title}, {"award_name": None}, decision))
            stated = {"reason": "sửa", "changes": changes}
            return say.of_award("AwardAmended", f"{of}", **stated)


def made(seed: int, count: int = 260) -> History:
    """Return a history of those random events that the rules accept."""
    random = Random(seed)
    defined: list[ReceivedEvent] = []
    history = History().given(country(), unit("p1"), unit("c1", "p1", "commune"))
    history.given(unit("c2", "p1", "commune"))
    for number in range(1, count):
        event = random_event(random, number, defined)
        if history.when(event).accepted:
            history.record(event)
            if event.type == "dvk.OrganizationDefined.v1":
                defined.append(event)
    return history


def naive(text: str) -> list[str]:
    """Return the words of a text without accents."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in letters).split()


@dataclass
class Naive:
    """What there is to be found at a position: by kind, the texts of each subject."""

    registrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    definitions: dict[str, list[tuple[tuple[str, str], dict[str, Any]]]] = field(
        default_factory=dict
    )
    awards: dict[str, dict[str, Any]] = field(default_factory=dict)
    recognitions: dict[str, str | None] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        data = json.loads(event.body)["data"]
        about = event.subject.partition("/")[2]
        match event.type.split(".")[1]:
            case "ModelRegistered":
                self.registrations[about] = {**data, "position": event.position}
            case "ModelAmended":
                self.registrations[about].update(data["changes"])
            case "ModelRecognized":
                self.recognitions[about] = data["decision"].get("number")
            case "RecognitionRevoked":
                self.recognitions[about] = None
            case "OrganizationDefined":
                self.definitions.setdefault(about, []).append((tuple(event.key), data))
            case "EventRetracted":
                gone = (data["retracts"]["source"], data["retracts"]["id"])
                kept = [each for each in self.definitions.get(about, ()) if each[0] != gone]
                self.definitions[about] = kept
            case "AwardGranted":
                self.awards[about] = dict(data)
            case "AwardAmended":
                self.awards[about].update(data["changes"])

    def name(self, org_id: str | None) -> str:
        said = self.definitions.get(org_id or "")
        return said[-1][1]["name"] if said else ""

    def texts(self, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        if kind == "model":
            rows = self.registrations.values()
            for row in sorted(rows, key=lambda row: (row["plan_year"], row["position"])):
                name = self.name(row.get("owner_org_id"))
                found[f"model/{row['model_id']}"] = f"{row['title']} {name}"
        elif kind == "organization":
            found = {
                f"organization/{o}": self.name(o) for o, said in self.definitions.items() if said
            }
        elif kind == "award":
            for award_id, award in self.awards.items():
                to = self.name(award["recipient"].get("org_id"))
                found[f"award/{award_id}"] = f"{award.get('award_name') or ''} Giấy khen {to}"
        elif kind == "decision":
            found = {f"registration/{r}": n for r, n in self.recognitions.items() if n}
            for award_id, award in self.awards.items():
                if award["decision"].get("number"):
                    found[f"award/{award_id}"] = award["decision"]["number"]
        return found

    def find(self, kind: str, question: str) -> set[str]:
        *whole, last = naive(question)
        return {
            subject
            for subject, text in self.texts(kind).items()
            if set(whole) <= set(words := naive(text))
            and any(word == last or (len(last) > 1 and word.startswith(last)) for word in words)
        }


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
    state, total = Naive(), 0
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
    positions = sorted({head, *(random.randint(1, head) for _ in range(12))})
    before = agree(ledger, positions)
    assert before > 200
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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
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


def test_accents_as_typed_come_first_and_the_newest_first_among_equals(small: Rebuilding) -> None:
    titles = ("Bao ve", "Bảo vệ", "Báo vé", "Bảo vệ rừng", "Bao ve đê")
    for number, title in enumerate(titles):
        small.history.given(say.registered(f"{number}", title=title))
    small.project()
    head = small.log.head().position
    assert found(small, "bảo vệ", head)["model"] == [f"model/m-{n}" for n in (3, 1, 4, 2, 0)]
    assert found(small, "bao ve", head)["model"] == [f"model/m-{n}" for n in (4, 3, 2, 1, 0)]


def test_many_hits_are_counted_up_to_a_limit_and_paged_newest_first(
    small: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        small.history.given(say.registered(f"{number}", title=f"Tổ tự quản {number}"))
    small.project()
    as_of = small.reads.as_of()
    monkeypatch.setattr(entry_search, "MOST", 30)
    monkeypatch.setattr("services.reporting.queries.finding.finder.MOST", 30)
    monkeypatch.setattr(entry_search, "_WINDOWS", (3, 9))
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
