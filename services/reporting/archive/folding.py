"""Folds whole models, or all awards, of an archive: the read models' own folds, without a database.

`run` reads files and returns numbers, so any engine can run it anywhere, once or again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.reporting.archive.layout import AWARDS, BUCKETS, Storage
from services.reporting.archive.rows import (
    ORGANIZATION,
    keyed_facts,
    keys_of,
    organizations,
    programmes,
    read,
)
from services.reporting.archive.unfoldable import UnfoldableEvent, folded_or_named
from services.reporting.figures.accumulators import Bits, Values
from services.reporting.figures.year_columns import as_numbers
from services.reporting.readmodels.awards.readmodel import Awards
from services.reporting.readmodels.awards.state import organizations_of as named_by_award
from services.reporting.readmodels.outcomes.readmodel import Outcomes
from services.reporting.readmodels.outcomes.state import REPORTED
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.registrations.state import NAMING, organizations_of
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.database.bulk_write import NewTables
from shared.gc_control import gc_paused
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from services.reporting.archive.layout import ArchiveManifest

TOGETHER = 60_000
"""Events that are folded together, about: they take half a gigabyte while they are."""
_TASKS = 16
"""The number of tasks of a short archive: enough for the cores of one machine."""
_OF_MODELS = (Registrations, Outcomes)


class Task(NamedTuple):
    """The buckets that are folded together, or the part of awards; up to a position.

    `keys` are fold keys that count as another one, as they are coupled. `years` None keeps all.
    """

    address: str
    parts: tuple[int, ...]
    until: int
    years: frozenset[int] | None
    keys: Mapping[int, int]


@dataclass
class FoldedDeltas:
    """The deltas of one cube as rows of numbers, and the words of their numbers (from 1).

    A row is year, position, ordinal, thing, unit, day, dims, org, the day of the tier if there are
    tiers, and the columns of the amounts.
    """

    rows: NDArray[np.int64]
    things: int
    units: list[Any] = field(default_factory=list)
    dims: list[Any] = field(default_factory=list)
    orgs: list[Any] = field(default_factory=list)


def tasks(
    manifest: ArchiveManifest, address: str, until: int, years: frozenset[int] | None
) -> list[Task]:
    """Return the tasks of an archive, that of the awards first; coupled buckets are in one task.

    Small buckets share a task, as each task reads the organisations by itself.
    """
    keys = _united(manifest.coupled)
    buckets = {bucket: bucket for bucket in range(BUCKETS)}
    for key, other in keys.items():
        low, high = sorted((buckets[key % BUCKETS], buckets[other % BUCKETS]))
        buckets = {bucket: low if to == high else to for bucket, to in buckets.items()}
    coupled: dict[int, list[int]] = {}
    for bucket, to in buckets.items():
        coupled.setdefault(to, []).append(bucket)
    rows = [sum(file.rows[bucket] for file in manifest.files) for bucket in range(BUCKETS)]
    enough = min(TOGETHER, sum(rows) / _TASKS)
    parts: list[tuple[int, ...]] = [(AWARDS,)]
    gathered: list[int] = []
    for together in coupled.values():
        gathered += together
        if sum(rows[bucket] for bucket in gathered) >= enough:
            parts.append(tuple(gathered))
            gathered = []
    if gathered:
        parts.append(tuple(gathered))
    return [Task(address, each, until, years, keys) for each in parts]


def _united(coupled: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return for each coupled key the least key that it is coupled with, over others too."""
    united: dict[int, int] = {}
    for pair in coupled:
        both = {united.get(key, key) for key in pair}
        low = min(both)
        united.update((key, low) for key in pair)
        united = {key: low if to in both else to for key, to in united.items()}
    return united


def run(task: Task) -> dict[str, FoldedDeltas] | UnfoldableEvent:
    """Read and fold the parts of a task; return the deltas of each cube by its name.

    Or an event that cannot be folded.
    """
    storage = Storage(task.address)
    manifest = storage.manifest()
    assert manifest is not None  # noqa: S101  the task was made from it
    shared = organizations(task.address, manifest.head.position, task.until)
    with gc_paused():
        if task.parts == (AWARDS,):
            return _of_awards(storage, manifest, shared, task)
        return _of_models(read(storage, manifest, task.parts, task.until), shared, task)


def _of_awards(
    storage: Storage, manifest: ArchiveManifest, shared: pa.Table, task: Task
) -> dict[str, FoldedDeltas] | UnfoldableEvent:
    """Fold all awards: those of one registration may be duplicates of one another."""
    events = list(keyed_facts(read(storage, manifest, task.parts, task.until), Awards.events))
    events += programmes(storage, manifest, task.until)
    events.sort(key=_position)

    def fold(part: Sequence[DecodedEvent]) -> dict[str, FoldedDeltas]:
        named = {org for each in part for org in named_by_award(each)}
        together = sorted([*part, *_organizations(shared, named)], key=_position)
        return {Awards.name: _folded(Awards.name, together, task.years)}

    return folded_or_named(fold, events)


def _of_models(
    table: pa.Table, shared: pa.Table, task: Task
) -> dict[str, FoldedDeltas] | UnfoldableEvent:
    """Fold the registrations and outcomes of buckets, some ten thousand events at a time."""
    wanted = frozenset().union(*(model.events for model in _OF_MODELS))
    keys = keys_of(table, task.keys)
    portions = max(1, len(keys) // TOGETHER)
    portion = keys // BUCKETS % portions
    found: dict[str, list[FoldedDeltas]] = {model.name: [] for model in _OF_MODELS}
    for number in range(portions):
        events = list(keyed_facts(table.filter(pa.array(portion == number)), wanted))
        folded = folded_or_named(partial(_of_portion, shared, task.years), events)
        if isinstance(folded, UnfoldableEvent):
            return folded
        for name, deltas in folded.items():
            found[name].append(deltas)
    return {name: joined(parts) for name, parts in found.items()}


def _of_portion(
    shared: pa.Table, years: Collection[int] | None, events: Sequence[DecodedEvent]
) -> dict[str, FoldedDeltas]:
    """Fold the registrations and outcomes among the events of whole models."""
    named = {
        org
        for each in events
        if each.name in NAMING
        for org in organizations_of(each.name, each.data)
    }
    events = sorted([*events, *_organizations(shared, named)], key=_position)
    of_outcomes = _with_outcomes(_read_by(Outcomes, events))
    return {
        Registrations.name: _folded(Registrations.name, _read_by(Registrations, events), years),
        Outcomes.name: _folded(Outcomes.name, of_outcomes, years),
    }


def _read_by(
    model: type[Registrations | Outcomes], events: Sequence[DecodedEvent]
) -> list[DecodedEvent]:
    return [each for each in events if each.name in model.events]


def _with_outcomes(events: Sequence[DecodedEvent]) -> list[DecodedEvent]:
    """Return the events of outcomes, and of the registrations that have any."""
    reports = [each.data.get("registration_id") for each in events if each.name == REPORTED]
    having = {REGISTRATION + each for each in reports if each}
    return [e for e in events if e.subject in having or not e.subject.startswith(REGISTRATION)]


def _organizations(shared: pa.Table, named: Collection[str]) -> Iterator[DecodedEvent]:
    """Yield the definitions of some organisations, and their retractions."""
    subjects = pa.array([ORGANIZATION + each for each in named], pa.string())
    rows = shared.filter(pc.is_in(shared["subject"], subjects))
    return keyed_facts(rows, {RETRACTED}, {DEFINED})


_position = attrgetter("position")


@cache
def _model(name: str) -> Registrations | Outcomes | Awards:
    """Return a read model, made once: the declaration of its tables takes longer than a fold."""
    return {model.name: model for model in (Registrations, Outcomes, Awards)}[name]()


def _folded(
    name: str, events: Sequence[DecodedEvent], years: Collection[int] | None
) -> FoldedDeltas:
    """Fold all events of whole subjects; return the deltas of the wanted years."""
    model = _model(name)
    model.forget()
    tables = model.delta_tables
    words = tables.units, tables.dims, tables.orgs
    kept = NewTables((tables.deltas, *words))
    model.fold(events, cast("Connection", kept))
    amounts = Values() if isinstance(model, Outcomes) else Bits(len(model.counting.bits))
    rows = as_numbers(kept.rows[tables.deltas], tables, amounts)
    if years is not None:
        rows = rows[np.isin(rows[:, 0], list(years))]
    things = int(rows[:, 3].max()) if len(rows) else 0
    units, dims, orgs = ([_word(row) for row in kept.rows[table]] for table in words)
    return FoldedDeltas(rows, things, units, dims, orgs)


def _word(row: Sequence[Any]) -> Any:  # noqa: ANN401  a word, or several
    return row[1] if len(row) == 2 else tuple(row[1:])


def joined(parts: Sequence[FoldedDeltas]) -> FoldedDeltas:
    """Return the deltas of several folds as those of one, in order of position."""
    whole = FoldedDeltas(np.zeros((0, 0), np.int64), 0)
    numbers: list[dict[Any, int]] = [{}, {}, {}]
    rows = []
    for part in parts:
        renumbered = part.rows.copy()
        renumbered[:, 3] += whole.things
        whole.things += part.things
        for column, known, words in zip(
            (4, 6, 7), numbers, (part.units, part.dims, part.orgs), strict=True
        ):
            places = np.array(
                [0, *(known.setdefault(word, len(known) + 1) for word in words)], np.int64
            )
            renumbered[:, column] = places[renumbered[:, column]]
        rows.append(renumbered)
    whole.units, whole.dims, whole.orgs = (list(known) for known in numbers)
    everything = np.concatenate(rows)
    whole.rows = everything[np.lexsort((everything[:, 2], everything[:, 1]))]
    return whole
