"""The labels next to the codes of a list: names at the place and time of each row.

A unit has its name of the row's day, a code that of the taxonomy in force there and then, an
organisation and the subject of an event their present names.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.reporting.queries.explaining.titles import ORGANIZATION
from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among
from shared.vocabulary import Dimension, TaxonomyKind
from shared.vocabulary.code_words import NOT_SET, NOTHING
from shared.web.answers.csv_tables import in_words, label_of, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.explaining.titles import Titles
    from services.reporting.readmodels.figures import Figures
    from shared.events.payloads.taxonomies import TaxonomyEntry
    from shared.readmodel.store import Store
    from shared.web.answers.csv_tables import Row, Style

_TAXONOMIES = {
    "field_code": TaxonomyKind.FIELD,
    "block_code": TaxonomyKind.BLOCK,
    "tier": TaxonomyKind.TIER,
    "award_form": TaxonomyKind.AWARD_FORM,
}
_DIMENSIONS = {
    Dimension.FIELD: "field_code",
    Dimension.BLOCK: "block_code",
    Dimension.TIER: "tier",
    Dimension.AWARD_FORM: "award_form",
}
_ORGANIZATIONS = (
    "org_id",
    "owner_org_id",
    "decided_by_org_id",
    "grantor_org_id",
    "recipient_org_id",
)


class Labels:
    """Adds labels to the codes of rows, as known at a position."""

    def __init__(self, maps: MapSnapshots, titles: Titles, store: Store, figures: Figures) -> None:
        self._maps = maps
        self._titles = titles
        self._store = store
        self._figures = figures

    def dated(self, rows: Sequence[Row], position: int) -> list[Row]:
        """Return asserted figures with their days, which decide the names of their units."""
        statement = self._figures.statements.c
        versions = self._figures.versions
        named = [row["figure_id"] for row in rows]
        query = select(statement.figure_id, statement.occurred_on).where(
            versions.c.statement == statement.position, known_at(versions, position)
        )
        with self._store.reading() as connection:
            found = connection.execute(query.where(among(connection, statement.figure_id, named)))
            days = {figure.figure_id: figure.occurred_on for figure in found}
        return [{**row, "occurred_on": days[row["figure_id"]]} for row in rows]

    def beside(self, rows: Sequence[Row], position: int, style: Style) -> Iterator[dict[str, Any]]:
        """Yield the rows with the labels that need the map, taxonomies or titles."""
        titles = self._titles.of(set(_subjects(rows)), position)
        names = _NameCache(self._maps.at(position), style)
        for row in rows:
            labels = dict(names.labels(row))
            for column in _ORGANIZATIONS:
                if row.get(column) is not None:
                    titled = titles.get(f"{ORGANIZATION}{row[column]}")
                    labels[label_of(column)] = (titled and titled.title) or row[column]
            if "subject" in row:
                titled = titles.get(row["subject"])
                form = titled and said("award_form", titled.form, style.language)
                labels["subject_label"] = (titled and titled.title) or form or row["subject"]
            yield {**row, **labels}


def _subjects(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if "subject" in row:
            yield row["subject"]
        for column in _ORGANIZATIONS:
            if row.get(column) is not None:
                yield f"{ORGANIZATION}{row[column]}"


class _NameCache:
    """The names of units and codes, each looked up once for a place and day."""

    def __init__(self, snapshot: MapSnapshot, style: Style) -> None:
        self._snapshot = snapshot
        self._style = style
        self._units: dict[tuple[str, str], str | None] = {}
        self._entries: dict[tuple[TaxonomyKind, str, str], Mapping[str, TaxonomyEntry]] = {}
        self._every: dict[TaxonomyKind, Mapping[str, TaxonomyEntry]] = {}

    def labels(self, row: Row) -> Iterator[tuple[str, Any]]:
        """Yield the labels of a row that states its day, by their columns."""
        day = row.get("occurred_on")
        unit_id = row.get("unit_id")
        if day is None or unit_id is None:
            return
        # The contract's `unit_name` is the bare name; in common use it has its kind.
        if self._style.worded or "unit_name" not in row:
            yield "unit_name", self._unit(unit_id, day)
        if row.get("recipient_unit_id") is not None:
            yield "recipient_unit_id_label", self._unit(row["recipient_unit_id"], day)
        for column in _TAXONOMIES:
            if row.get(column) is not None:
                recognized = row.get("recognized_on") if column == "tier" else None
                yield label_of(column), self._code(column, row[column], unit_id, recognized or day)
        if "dimensions" in row:
            stated = row["dimensions"].items()
            texts = [self._dimension(name, code, unit_id, day) for name, code in stated]
            yield "dimensions_label", "; ".join(texts)

    def _unit(self, unit_id: str, day: str) -> str | None:
        key = (unit_id, day)
        if key not in self._units:
            read = self._snapshot.titled if self._style.worded else self._snapshot.name
            with self._snapshot.lock:
                self._units[key] = read(unit_id, date.fromisoformat(day))
        return self._units[key]

    def _dimension(self, name: str, code: str | None, unit_id: str, day: str) -> str:
        language = self._style.language
        if code is None:
            called = NOTHING.get(name, NOT_SET)[0 if language == "vi" else 1]
        elif name in _DIMENSIONS:
            called = self._code(_DIMENSIONS[Dimension(name)], code, unit_id, day)
        else:
            called = said(name, code, language) or ""
        return f"{in_words(name, language)}: {called}"

    def _code(self, column: str, code: str, unit_id: str, day: str) -> str:
        kind = _TAXONOMIES[column]
        key = (kind, unit_id, day)
        if key not in self._entries:
            self._entries[key] = self._in_force(kind, unit_id, date.fromisoformat(day))
        entry = self._entries[key].get(code)
        return entry.name if entry else said(column, code, self._style.language) or code

    def _in_force(self, kind: TaxonomyKind, unit_id: str, day: date) -> Mapping[str, TaxonomyEntry]:
        snapshot = self._snapshot
        with snapshot.lock:
            version = snapshot.taxonomies.in_force(kind, unit_id, day, snapshot.territory)
        return version.entries if version else self._published(kind)

    def _published(self, kind: TaxonomyKind) -> Mapping[str, TaxonomyEntry]:
        """Return all published entries: they name codes where no taxonomy is in force."""
        if kind not in self._every:
            versions = [v for v in self._snapshot.taxonomies.versions() if v.kind is kind]
            self._every[kind] = {c: e for v in versions for c, e in v.entries.items()}
        return self._every[kind]
