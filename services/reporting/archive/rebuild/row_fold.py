"""Folds whole models of an archive into rows, which are kept in files until they are loaded.

Each fold numbers its things and words by itself; what it returns says where each number began, so
that all are numbered as one fold in the order of the log would have done (`numbering`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.reporting.archive.folding import TOGETHER
from services.reporting.archive.layout import AWARDS, BUCKETS, SHARED, Storage
from services.reporting.archive.rebuild.numbering import beginnings_of, numbered_columns
from services.reporting.archive.rebuild.ordered_fold import fold
from services.reporting.archive.rebuild.row_files import RowFiles
from services.reporting.archive.rows import ORGANIZATION, keyed_facts, keys_of, organizations, read
from services.reporting.readmodels.awards.state import organizations_of as named_by_award
from services.reporting.readmodels.demonstration_data import DemonstrationData
from services.reporting.readmodels.outcomes.readmodel import Outcomes
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.redactions import REDACTED
from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.registrations.state import NAMING, organizations_of
from services.reporting.readmodels.search.readmodel import Search
from shared.database.bulk_write import NewTables
from shared.gc_control import gc_paused
from shared.readmodel.decoded_events import RETRACTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from services.reporting.archive.layout import ArchiveManifest
    from services.reporting.archive.rebuild.numbering import Beginnings, Numbered
    from shared.readmodel.decoded_events import DecodedEvent
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.rebuild.build import BuildSpec

IN_PARTS = frozenset(model.name for model in (Registrations, Outcomes, Search, DemonstrationData))
"""The read models that are folded by whole models, in any order; all others are folded in order."""
REST = (AWARDS, SHARED)
"""The parts of an archive that hold no models."""
_position = attrgetter("position")


class RowTask(NamedTuple):
    """The parts of an archive that are folded together, up to a position, into read models.

    `keys` are fold keys that count as another one, as they are coupled.
    """

    address: str
    parts: tuple[int, ...]
    until: int
    keys: Mapping[int, int]
    specs: tuple[BuildSpec, ...]
    folder: str


@dataclass
class FoldedRows:
    """The result of a fold: its files are named by `portion`; its redactions are applied later."""

    portion: str
    rows: dict[str, int] = field(default_factory=dict)
    """The number of rows of each table."""
    numbers: dict[Numbered, Beginnings] = field(default_factory=dict)
    redactions: list[DecodedEvent] = field(default_factory=list)
    organizations: NDArray[np.int64] | None = None
    """The positions of the events of organisations, of the fold that has all of these."""


def fold_rows(task: RowTask) -> list[FoldedRows]:
    """Fold the parts of a task, some ten thousand events at a time."""
    storage = Storage(task.address)
    manifest = storage.manifest()
    assert manifest is not None  # noqa: S101  the task was made from it
    models = [spec.model() for spec in task.specs]
    wanted = frozenset().union(*(model.events for model in models))
    shared = organizations(task.address, manifest.head.position, task.until)
    name = "-".join(map(str, task.parts[:1]))
    found = []
    with gc_paused():
        for number, table in enumerate(_portions(_rows_of(storage, manifest, task), task.keys)):
            events = list(keyed_facts(table, wanted))
            events += _named(shared, events)
            events.sort(key=_position)
            found.append(_folded(f"{name}.{number}", models, events, task.folder))
    if task.parts == REST:
        found.append(_definitions(models, list(keyed_facts(shared, wanted)), task.folder))
    return found


def _rows_of(storage: Storage, manifest: ArchiveManifest, task: RowTask) -> pa.Table:
    table = read(storage, manifest, task.parts, task.until).sort_by("position")
    if task.parts == REST:
        table = table.filter(pc.invert(pc.starts_with(table["subject"], ORGANIZATION)))
    return table


def _portions(table: pa.Table, coupled: Mapping[int, int]) -> Iterator[pa.Table]:
    """Yield the rows in portions of whole models; those of no model by their subject."""
    count = max(1, len(table) // TOGETHER)
    if count == 1:
        yield table
        return
    keys = keys_of(table, coupled)
    if not keys.any():
        subjects = pc.dictionary_encode(table["subject"]).combine_chunks()
        keys = subjects.indices.to_numpy().astype(np.int64) * BUCKETS
    portion = keys // BUCKETS % count
    for number in range(count):
        yield table.filter(pa.array(portion == number))


def _named(shared: pa.Table, events: Sequence[DecodedEvent]) -> list[DecodedEvent]:
    """Return the events of the organisations that events name."""
    named: set[str] = set()
    for event in events:
        if event.name in NAMING:
            named.update(organizations_of(event.name, event.data))
        else:
            named.update(named_by_award(event))
    subjects = pa.array([ORGANIZATION + each for each in named], pa.string())
    chosen = shared.filter(pc.is_in(shared["subject"], subjects))
    return list(keyed_facts(chosen, {DEFINED, RETRACTED}))


def _folded(
    portion: str, models: Sequence[ReadModel], events: Sequence[DecodedEvent], folder: str
) -> FoldedRows:
    """Fold events of whole subjects; keep the rows, but for those of organisations."""
    folded = FoldedRows(portion)
    folded.redactions = [each for each in events if each.name == REDACTED]
    for model in models:
        kept = _fold(model, events)
        of_organizations = _of_organizations(model)
        _keep(folded, model, {t: r for t, r in kept.items() if t not in of_organizations}, folder)
    return folded


def _definitions(
    models: Sequence[ReadModel], events: Sequence[DecodedEvent], folder: str
) -> FoldedRows:
    """Fold the organisations by themselves; keep their rows."""
    folded = FoldedRows("organizations")
    folded.organizations = np.array([each.position for each in events], np.int64)
    for model in models:
        kept = _fold(model, events)
        _keep(folded, model, {t: kept[t] for t in _of_organizations(model)}, folder)
    return folded


def _fold(model: ReadModel, events: Sequence[DecodedEvent]) -> dict[Any, list[tuple[Any, ...]]]:
    model.forget()
    kept = NewTables(model.metadata.sorted_tables)
    others = [each for each in events if each.name != REDACTED and each.name in model.events]
    fold(model, others, cast("Connection", kept))
    model.forget()
    return kept.rows


def _of_organizations(model: ReadModel) -> Collection[Any]:
    """Return the tables whose rows follow from organisations alone: each fold makes some."""
    if isinstance(model, Registrations):
        return (model.organizations.definitions,)
    if isinstance(model, Search):
        return (model.names.table, model.organizations.table, model.organizations.ended)
    return ()


def _keep(
    folded: FoldedRows, model: ReadModel, rows: Mapping[Any, list[tuple[Any, ...]]], folder: str
) -> None:
    folded.numbers |= beginnings_of(model, rows)
    files = RowFiles(folder)
    for table, each in rows.items():
        if each and "id" not in numbered_columns(model, table):  # words are numbered together
            files.write(table, folded.portion, each)
            folded.rows[table.name] = len(each)
