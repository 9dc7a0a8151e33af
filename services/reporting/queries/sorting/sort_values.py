"""The values by which a column is sorted: names of organisations and models, words of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.reporting.queries.explaining.titles import MODEL, REGISTRATION, UNIT
from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among
from shared.vocabulary.code_words import CODE_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.queries.explaining.titles import Titles
    from services.reporting.queries.sorting.sorted_query import SortedQuery
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

_ORGANIZATIONS = frozenset({"owner_org_id", "recipient_org_id", "grantor_org_id", "org_id"})
_SUBJECTS = {
    "source_model_id": MODEL,
    "target_model_id": MODEL,
    "target_unit_id": UNIT,
    "registration_id": REGISTRATION,
}
_CODES = frozenset({*CODE_WORDS, "field_code", "block_code"})
READ_TOGETHER = 20_000
"""Above this number all rows of a table are read instead of those asked for."""


class SortValues:
    """Looks up the values of a column as known at a position."""

    def __init__(self, store: Store, catalog: Catalog, titles: Titles) -> None:
        self._store = store
        self._catalog = catalog
        self._titles = titles

    def sortable(self, query: SortedQuery, values: Sequence[Any]) -> Sequence[Any]:
        """Return names for organisations, words for codes, and other values as they are."""
        column, different = query.sort.column, set(values) - {None}
        if column in _SUBJECTS:
            subjects = {_SUBJECTS[column] + each: each for each in different}
            titled = self._titles.of(subjects, query.list_query.position)
            texts = {each: titled[s].title for s, each in subjects.items() if s in titled}
            names: Mapping[Any, str] = {each: texts.get(each) or each for each in different}
        elif column in _ORGANIZATIONS:
            names = self.names(different, query.list_query.position)
        elif column in _CODES:
            names = {each: query.named(column, each) for each in different}
        else:
            return values
        return [None if each is None else names[each] for each in values]

    def names(self, org_ids: set[Any], position: int) -> Mapping[Any, str]:
        """Return the names of organisations; one that is not defined has its id."""
        statement = self._catalog.organizations.statements.c
        versions = self._catalog.organizations.versions
        query = select(statement.org_id, statement.name).where(
            versions.c.statement == statement.position, known_at(versions, position)
        )
        with self._store.reading() as connection:
            if len(org_ids) <= READ_TOGETHER:
                query = query.where(among(connection, statement.org_id, org_ids))
            names = {row[0]: row[1] for row in connection.execute(query)}
        return {each: names.get(each, each) for each in org_ids}
