"""The index of words: models, organisations, awards, and decisions by number, as known at any day.

Each kind has a table of entries (see `entries`), whose words the database itself indexes (see
`shared.database.text_index`): of a model its title and its owner, of an award its name or form and
the organisation that received it, of a decision its number. A model is found by its latest
registration: of the latest plan year, and of several in it the last recorded. A decision is found
while it is in force. Units are found on the map instead (`queries.lists.unit_search`).

When an organisation is renamed, or defined after what it owns, its models and awards get new
entries; a batch loads only those of the organisations defined or retracted in it, by an index.
The unit of an entry is the one recorded: which units belong to a scope is decided on read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, MetaData, Table, select

from services.reporting.readmodels.awards.state import AMENDED as AWARD_AMENDED
from services.reporting.readmodels.awards.state import GRANTED
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.search.entries import Entries, SearchEntry
from services.reporting.readmodels.search.owner_names import (
    ORGANIZATION,
    OwnerNames,
)
from shared.database.bulk_write import insert, update
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows
from shared.readmodel.decoded_events import RETRACTED
from shared.readmodel.generations import prefix_of
from shared.vocabulary.code_words import CODE_WORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent

AMENDED = "ModelAmended"
RECOGNIZED = "ModelRecognized"
REVOKED = "RecognitionRevoked"
_OF_ENTRIES = ("title", "owner_org_id", "unit_id")
"""The fields of a registration that an entry has."""
_FORMS = CODE_WORDS["award_form"]


class Search:
    """The read model `search`."""

    name: ClassVar[str] = "search"
    version: ClassVar[int] = 1
    events: ClassVar[frozenset[str]] = frozenset(
        {
            REGISTERED,
            AMENDED,
            RECOGNIZED,
            REVOKED,
            GRANTED,
            AWARD_AMENDED,
            DEFINED,
            RETRACTED,
        }
    )

    def __init__(self, prefix: str | None = None) -> None:
        prefix = prefix or prefix_of(self.name)
        self.metadata = MetaData()
        self.models = Entries(self.metadata, prefix, "models", _titled)
        self.organizations = Entries(self.metadata, prefix, "organizations", _titled)
        self.awards = Entries(self.metadata, prefix, "awards", _awarded)
        self.decisions = Entries(self.metadata, prefix, "decisions", _titled)
        self.names = OwnerNames(self.metadata, prefix)
        self.registrations = Table(
            f"{prefix}registrations",
            self.metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("model_id", BYTEWISE, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            sqlite_with_rowid=False,
        )

    @property
    def kinds(self) -> tuple[Entries, ...]:
        """Return the entries of each kind."""
        return self.models, self.organizations, self.awards, self.decisions

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        SearchFold(self, connection).run(facts)

    def forget(self) -> None:
        """Drop the cached numbers."""
        for entries in self.kinds:
            entries.forget()

    def committed(self, after: int, until: int) -> None:
        """Do nothing: no read follows the index."""

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        said = "registration/"
        return (
            *(content for entries in self.kinds for content in entries.contents()),
            self.names.content(),
            ComparableRows("registrations", self.registrations, "registration_id", said=said),
        )

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing: entries are not summed."""
        return {}


class SearchFold:
    """One batch: loads the entries it may change, folds it, writes the new ones."""

    def __init__(self, model: Search, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._registrations: dict[str, tuple[str, str]] = {}
        self._new: dict[str, None] = {}
        self._moved: dict[str, None] = {}

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Iterable[DecodedEvent]) -> None:
        model, connection = self._model, self._connection
        created: set[str] = set()
        models: set[str] = set()
        known: set[str] = set()
        awards: set[str] = set()
        defined: set[str] = set()
        named: set[str | None] = set()
        for _, name, subject, data, _ in facts:
            if name == REGISTERED:
                created.add(data["registration_id"])
                models.add(f"model/{data['model_id']}")
                named.add(data.get("owner_org_id"))
            elif name == AMENDED:
                if not data["changes"].keys().isdisjoint(_OF_ENTRIES):
                    known.add(data["registration_id"])
                    named.add(data["changes"].get("owner_org_id"))
            elif name in {RECOGNIZED, REVOKED}:
                known.add(data["registration_id"])
            elif name in {GRANTED, AWARD_AMENDED}:
                awards.add(subject)
                stated = data["changes"] if name == AWARD_AMENDED else data
                named.add((stated.get("recipient") or {}).get("org_id"))
            elif subject.startswith(ORGANIZATION):
                defined.add(subject.removeprefix(ORGANIZATION))
        self._read(known - created)
        models |= {f"model/{self._registrations[each][0]}" for each in known - created}
        decided = {f"registration/{each}" for each in known} | awards
        model.models.load(connection, models, defined)
        model.awards.load(connection, awards, defined)
        model.decisions.load(connection, decided)
        model.organizations.load(connection, {f"{ORGANIZATION}{each}" for each in defined})
        owning = (*model.models.open(), *model.awards.open())
        named |= {entry.org_id for entry in owning} | defined
        model.names.load(connection, {each for each in named if each is not None})

    def _read(self, registration_ids: Collection[str]) -> None:
        if registration_ids:
            table = self._model.registrations
            query = select(table).where(
                among(self._connection, table.c.registration_id, registration_ids)
            )
            for registration_id, model_id, unit_id in self._connection.execute(query):
                self._registrations[registration_id] = (model_id, unit_id)

    def _take(self, fact: DecodedEvent) -> None:
        name, data, position = fact.name, fact.data, fact.position
        if name == REGISTERED:
            self._register(position, data)
        elif name == AMENDED:
            if not data["changes"].keys().isdisjoint(_OF_ENTRIES):
                self._amend(position, data["registration_id"], data["changes"])
        elif name == RECOGNIZED:
            model_id, unit_id = self._registrations[data["registration_id"]]
            self._decide(position, fact.subject, data["decision"], unit_id, about=model_id)
        elif name == REVOKED:
            self._model.decisions.end(position, fact.subject)
        elif name == GRANTED:
            self._award(position, fact.subject, data)
        elif name == AWARD_AMENDED:
            self._award(position, fact.subject, data["changes"])
        elif fact.subject.startswith(ORGANIZATION):
            self._organize(fact)

    def _register(self, position: int, data: Mapping[str, Any]) -> None:
        registration_id, unit_id = data["registration_id"], data["unit_id"]
        self._registrations[registration_id] = (data["model_id"], unit_id)
        self._new[registration_id] = None
        subject, plan_year = f"model/{data['model_id']}", data["plan_year"]
        latest = self._model.models.get(subject)
        if latest is None or (latest.plan_year or 0) <= plan_year:
            org_id = data.get("owner_org_id")
            self._put_model(
                position, subject, data["title"], unit_id, org_id, registration_id, plan_year
            )

    def _put_model(  # noqa: PLR0917  the fields of an entry
        self,
        position: int,
        subject: str,
        title: str,
        unit_id: str,
        org_id: str | None,
        registration_id: str,
        plan_year: int | None,
    ) -> None:
        named = self._model.names.name(org_id)
        entry = SearchEntry(subject, title, named, unit_id, org_id, registration_id, plan_year)
        self._model.models.put(self._connection, position, entry)

    def _amend(self, position: int, registration_id: str, changes: Mapping[str, Any]) -> None:
        model_id, unit_id = self._registrations[registration_id]
        if changes.get("unit_id", unit_id) != unit_id:
            unit_id = changes["unit_id"]
            self._registrations[registration_id] = (model_id, unit_id)
            self._moved[registration_id] = None
            decision = self._model.decisions.get(f"registration/{registration_id}")
            if decision is not None:
                moved = decision._replace(unit_id=unit_id)
                self._model.decisions.put(self._connection, position, moved)
        latest = self._model.models.get(f"model/{model_id}")
        if latest is not None and latest.about == registration_id:
            self._put_model(
                position,
                latest.subject,
                changes.get("title", latest.title),
                unit_id,
                changes.get("owner_org_id", latest.org_id),
                registration_id,
                latest.plan_year,
            )

    def _award(self, position: int, subject: str, stated: Mapping[str, Any]) -> None:
        """Put an award as granted, or with the fields that an amendment states."""
        entry = self._model.awards.get(subject) or SearchEntry(subject, None, None, "")
        org_id = stated["recipient"].get("org_id") if "recipient" in stated else entry.org_id
        changed = entry._replace(
            title=stated.get("award_name", entry.title),
            code=stated.get("award_form", entry.code),
            unit_id=stated.get("unit_id", entry.unit_id),
            org_id=org_id,
            named=self._model.names.name(org_id),
        )
        self._model.awards.put(self._connection, position, changed)
        decision = self._model.decisions.get(subject)
        if "decision" in stated:
            self._decide(position, subject, stated["decision"], changed.unit_id)
        elif decision is not None:
            moved = decision._replace(unit_id=changed.unit_id)
            self._model.decisions.put(self._connection, position, moved)

    def _decide(
        self,
        position: int,
        subject: str,
        document: Mapping[str, Any],
        unit_id: str,
        *,
        about: str | None = None,
    ) -> None:
        number = document.get("number")
        if number is None:
            self._model.decisions.end(position, subject)
            return
        signed_on = document.get("signed_on")
        entry = SearchEntry(subject, number, None, unit_id, about=about, signed_on=signed_on)
        self._model.decisions.put(self._connection, position, entry)

    def _organize(self, fact: DecodedEvent) -> None:
        """Fold a definition, or the retraction of one, and rename what the organisation has."""
        model, connection, position = self._model, self._connection, fact.position
        org_id = fact.subject.removeprefix(ORGANIZATION)
        if fact.name == DEFINED:
            model.names.define(fact)
        elif fact.name == RETRACTED:
            model.names.retract(org_id, fact)
        known = model.names.in_force(org_id)
        name = None if known is None else known.name
        if known is None:
            model.organizations.end(position, fact.subject)
        else:
            entry = SearchEntry(fact.subject, name, None, known.unit_id, code=known.kind)
            model.organizations.put(connection, position, entry)
        for entries in (model.models, model.awards):
            for entry in entries.naming(org_id):
                entries.put(connection, position, entry._replace(named=name))

    def _flush(self) -> None:
        model, connection = self._model, self._connection
        for entries in model.kinds:
            entries.flush(connection)
        model.names.flush(connection)
        table = model.registrations
        known = self._registrations
        insert(connection, table, [(each, *known[each]) for each in self._new])
        moved = [(known[each][1], each) for each in self._moved if each not in self._new]
        columns = table.c
        setting, where = [columns.unit_id], [columns.registration_id]
        update(connection, table, setting=setting, where=where, rows=moved)


def _titled(entry: SearchEntry) -> tuple[str, ...]:
    """Return the texts of a title: itself, and the name of the organisation."""
    return (entry.title or "", entry.named) if entry.named else (entry.title or "",)


def _awarded(award: SearchEntry) -> tuple[str, ...]:
    """Return the texts of an award: its name and form, and the organisation it went to."""
    form = _FORMS.get(award.code or "", (award.code or "",))[0]
    return award.title or "", form, award.named or ""
