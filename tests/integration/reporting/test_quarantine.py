"""What a read model cannot fold is set aside, shown, requeued in order, or discarded for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.reporting.readmodels.awards.readmodel import Awards
from services.reporting.readmodels.registrations.readmodel import Registrations
from shared.clock import system_clock
from shared.errors import LedgerError, NotFound
from shared.readmodel import quarantine
from shared.readmodel.decoded_events import fact_of
from shared.readmodel.rebuild.requeue import Quarantine, StillFailing
from shared.readmodel.rebuild.stages import Differs, Stage
from shared.web.publishing.quarantine_api import QuarantineItem, QuarantinePlace
from tests.support.rebuildable_ledger import Rebuilding, answers, maker, random_history, record

START = QuarantinePlace(-1, "", "")
MODELS = {"registrations": Registrations, "awards": Awards}


@contextmanager
def poisoned(name: str, subject: str, after: int = 0) -> Iterator[None]:
    """Let a release run in which a read model fails on the events of a subject after a position."""
    model: Any = MODELS[name]
    healed = model.fold

    def fold(self: Any, facts: Any, connection: Any) -> None:
        healed(self, facts, connection)
        if any(fact.subject == subject and fact.position > after for fact in facts):
            raise ZeroDivisionError(subject)

    model.fold = fold
    try:
        yield
    finally:
        model.fold = healed


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Rebuilding]:
    """Give a short history on SQLite, projected."""
    opened = _opened(tmp_path, 7).project()
    yield opened
    opened.store.close()


def _subject(ledger: Rebuilding, prefix: str, seed: int) -> tuple[str, list[int]]:
    """Return a subject of the history with several events, and their positions."""
    streams: dict[str, list[int]] = {}
    for event in ledger.log.read(0, 10_000):
        if event.subject.startswith(prefix):
            streams.setdefault(event.subject, []).append(event.position)
    several = sorted(subject for subject, positions in streams.items() if len(positions) > 1)
    subject = Random(seed).choice(several or sorted(streams))
    return subject, streams[subject]


def _opened(tmp_path: Path, seed: int) -> Rebuilding:
    return Rebuilding(f"sqlite:///{tmp_path / f'r{seed}.db'}", random_history(seed, facts_each=25))


def _listed(ledger: Rebuilding) -> list[QuarantineItem]:
    return list(ledger.reads.quarantine(START, 100))


def _completeness(ledger: Rebuilding, name: str) -> Any:
    (found,) = (m for m in ledger.reads.completeness()["read_models"] if m["name"] == name)
    return found


def _requeue(ledger: Rebuilding, name: str, subject: str, **how: Any) -> Any:
    done = Quarantine(ledger.store, name).requeue(
        subject, ledger.log, maker(name), clock=system_clock, **how
    )
    ledger.project()
    return done


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 6))]
)
@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("registrations", "registration/"),
        ("registrations", "organization/"),
        ("registrations", "model/"),
        ("awards", "award/"),
        ("awards", "registration/"),
    ],
)
def test_after_a_requeue_the_figures_are_those_of_a_fold_in_order(
    tmp_path: Path, name: str, prefix: str, seed: int
) -> None:
    ledger = _opened(tmp_path, seed)
    subject, positions = _subject(ledger, prefix, seed)
    with poisoned(name, subject, after=positions[0] - seed % 2):
        ledger.project()
    held = [each for each in _listed(ledger) if each.place.read_model == name]
    assert [each.place.subject for each in held] == [subject][: len(held)]
    if held:
        # Something of it was wanted: it stands aside with its reason until the release is mended.
        assert held[0].reason == f"ZeroDivisionError: {subject}"
        _requeue(ledger, name, subject, accept=("*",))
    fresh = Rebuilding(f"sqlite:///{tmp_path / 'fresh.db'}", ledger.history).project()
    head = fresh.projection.position
    random = Random(seed)
    for position in (head, random.randint(1, head)):
        assert answers(ledger.reads, position) == answers(fresh.reads, position)
    assert _listed(ledger) == []
    assert all(each["equal"] for each in ledger.reads.completeness()["read_models"])


def test_what_is_held_back_is_counted_and_never_equal(small: Rebuilding) -> None:
    subject, positions = _subject(small, "registration/", 1)
    with poisoned("registrations", subject, after=positions[0]):
        rebuilt = Quarantine(small.store, "registrations")
        _set_aside_anew(small)
    (found,) = rebuilt.subjects()
    assert (found.subject, found.events_held) == (subject, len(positions) - 1)
    told = _completeness(small, "registrations")
    head = small.projection.position
    assert told["events_handled"] + told["events_held"] == head == told["position"]
    assert (told["equal"], told["events_discarded"]) == (False, 0)
    assert "events_held" not in _completeness(small, "awards")


def _set_aside_anew(ledger: Rebuilding) -> None:
    """Let the faulty release fill the registrations anew, and answer from that."""
    ledger.rebuild("registrations", accept=("*",)).rebuild()
    ledger.project()


def test_what_is_still_poison_stays_with_its_new_reason(small: Rebuilding) -> None:
    subject, positions = _subject(small, "registration/", 2)
    with poisoned("registrations", subject):
        _set_aside_anew(small)
        before = answers(small.reads, small.projection.position)
        with pytest.raises(StillFailing, match=f"at position {positions[0]}: ZeroDivisionError"):
            _requeue(small, "registrations", subject)
    (found,) = _listed(small)
    assert found.place == QuarantinePlace(positions[0], "registrations", subject)
    assert answers(small.reads, small.projection.position) == before
    assert small.generation("registrations") == 2


def test_a_requeue_that_moves_another_subject_must_be_accepted_by_name(small: Rebuilding) -> None:
    subject, _ = _subject(small, "registration/", 3)
    with poisoned("registrations", subject):
        _set_aside_anew(small)
    other, _ = _subject(small, "registration/", 5)
    assert other != subject

    def changed(model: Any) -> None:
        healed = model.fold

        def fold(facts: Any, connection: Any) -> None:
            healed([fact for fact in facts if fact.subject != other], connection)

        model.fold = fold

    with pytest.raises(Differs) as raised:
        Quarantine(small.store, "registrations").requeue(
            subject, small.log, maker("registrations", changed), clock=system_clock
        )
    named = {each.name for each in raised.value.found[0].findings.unaccepted}
    assert f"registrations/{other}" in named
    assert f"registrations/{subject}" not in named
    assert [each.place.subject for each in _listed(small)] == [subject]
    _requeue(small, "registrations", subject)
    assert _listed(small) == []


def test_a_discarded_subject_stays_out_of_every_later_fill_and_says_so(
    ledger: Rebuilding,
) -> None:
    subject, positions = _subject(ledger, "registration/", 4)
    with poisoned("registrations", subject, after=positions[0]):
        _set_aside_anew(ledger)
    Quarantine(ledger.store, "registrations").discard(subject, "nhập trùng", 7_000_000)
    ledger.project()
    before = answers(ledger.reads, ledger.projection.position)
    done = ledger.rebuilt("registrations")  # of a release that is mended
    ledger.project()
    assert done.findings.accepted_total == done.findings.unaccepted_total == 0
    assert answers(ledger.reads, ledger.projection.position) == before
    (found,) = _listed(ledger)
    assert found.discarded == ("nhập trùng", 7_000_000)
    assert found.place.position == positions[1]
    told = _completeness(ledger, "registrations")
    assert (told["equal"], told["events_held"]) == (False, 0)
    assert told["events_discarded"] == len(positions) - 1
    with pytest.raises(LedgerError, match="already_discarded"):
        Quarantine(ledger.store, "registrations").discard(subject, "nữa", 8_000_000)
    _requeue(ledger, "registrations", subject, reason="đã sửa", accept=("*",))
    assert _listed(ledger) == []
    assert _completeness(ledger, "registrations")["equal"]
    with ledger.store.reading() as connection:
        kept = [(each.decision, each.reason) for each in quarantine.decisions(connection)]
    assert kept == [("discarded", "nhập trùng"), ("requeued", "đã sửa")]


def test_the_list_is_paged_without_loss_over_read_models_and_positions(small: Rebuilding) -> None:
    first = {event.subject: event for event in reversed(small.log.read(0, 12))}
    events = sorted(first.values(), key=lambda event: event.position)[:6]
    with small.store.writing() as connection:
        for event in events:
            for name in ("units", "awards", "plans"):
                quarantine.put(connection, name, fact_of(event), "hỏng", 1)
    everything = _listed(small)
    assert [each.place[:2] for each in everything] == [
        (event.position, name) for event in events for name in ("awards", "plans", "units")
    ]
    for limit in (1, 2, 7):
        found: list[QuarantineItem] = []
        while page := small.reads.quarantine(found[-1].place if found else START, limit):
            assert len(page) <= limit
            found += page
        assert found == everything


def test_a_rebuild_by_a_mended_release_empties_the_quarantine(small: Rebuilding) -> None:
    subject, _ = _subject(small, "registration/", 6)
    with poisoned("registrations", subject):
        _set_aside_anew(small)
    assert len(_listed(small)) == 1
    small.rebuild("registrations", accept=("*",)).rebuild()
    small.project()
    assert _listed(small) == []


def test_only_what_is_set_aside_can_be_requeued_or_discarded(small: Rebuilding) -> None:
    aside = Quarantine(small.store, "awards")
    with pytest.raises(NotFound, match="not_in_quarantine"):
        aside.discard("award/a-1", "vì", 0)
    with pytest.raises(NotFound, match="not_in_quarantine"):
        _requeue(small, "awards", "award/a-1")


def test_a_requeue_under_a_running_projection_loses_and_doubles_nothing(
    ledger: Rebuilding,
) -> None:
    subject, _ = _subject(ledger, "registration/", 8)
    with poisoned("registrations", subject):
        _set_aside_anew(ledger)

    numbers = iter(range(100))

    def meanwhile(stage: Stage, _done: int, _of: int) -> None:
        if stage is not Stage.SWAPPING:  # then it holds the checkpoint
            record(ledger, next(numbers))
            ledger.projection.step()

    _requeue(ledger, "registrations", subject, on_progress=meanwhile)
    assert next(numbers) > 3, "the log grew meanwhile"
    assert _listed(ledger) == []
    assert all(each["equal"] for each in ledger.reads.completeness()["read_models"])
    before = answers(ledger.reads, ledger.projection.position)
    done = ledger.rebuilt("registrations")
    assert done.findings.accepted_total == done.findings.unaccepted_total == 0
    ledger.project()
    assert answers(ledger.reads, ledger.projection.position) == before
