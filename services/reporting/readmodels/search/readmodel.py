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

from sqlalchemy import MetaData

from services.reporting.readmodels.awards.state import AMENDED as AWARD_AMENDED
from services.reporting.readmodels.awards.state import GRANTED
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.parts.redactions import REDACTED, parted
from services.reporting.readmodels.search.entries import (
    Entries,
    SearchEntry,
    word_of_recipient,
)
from services.reporting.readmodels.search.owner_names import (
    ORGANIZATION,
    OwnerNames,
)
from shared.readmodel.decoded_events import RETRACTED
from shared.readmodel.generations import prefix_of
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.search_words import words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent

AMENDED = "ModelAmended"
RECOGNIZED = "ModelRecognized"
REVOKED = "RecognitionRevoked"
_OF_ENTRIES = ("title", "owner_org_id", "unit_id")
"""The fields of a registration that an entry has."""
_FORMS = CODE_WORDS["award_form"]
_MODEL = "model/"
_TITLES = ("/title", "/changes/title")
_AWARD_NAMES = ("/award_name", "/changes/award_name")
_new = tuple.__new__


class Search:
    """The read model `search`."""

    name: ClassVar[str] = "search"
    version: ClassVar[int] = 2
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
            REDACTED,
        }
    )

    def __init__(self, prefix: str | None = None) -> None:
        prefix = prefix or prefix_of(self.name)
        self.metadata = MetaData()
        self.models = Entries(self.metadata, prefix, "models", _titled, by_about=True)
        self.organizations = Entries(self.metadata, prefix, "organizations", _titled)
        self.awards = Entries(self.metadata, prefix, "awards", _awarded)
        self.decisions = Entries(self.metadata, prefix, "decisions", _titled)
        self.names = OwnerNames(self.metadata, prefix)

    @property
    def kinds(self) -> tuple[Entries, ...]:
        """Return the entries of each kind."""
        return self.models, self.organizations, self.awards, self.decisions

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        others, redactions = parted(facts)
        SearchFold(self, connection).run(others)
        for redaction in redactions:
            for entries, pointers in ((self.models, _TITLES), (self.awards, _AWARD_NAMES)):
                text = redaction.text(pointers)
                if text is not None:
                    entries.redact(connection, redaction.position, text)

    def forget(self) -> None:
        """Drop the cached numbers."""
        for entries in self.kinds:
            entries.forget()

    def committed(self, after: int, until: int) -> None:
        """Do nothing: no read follows the index."""

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        of_entries = (content for entries in self.kinds for content in entries.contents())
        return (*of_entries, self.names.content())

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing: entries are not summed."""
        return {}


class SearchFold:
    """One batch: loads the entries it may change, folds it, writes the new ones."""

    def __init__(self, model: Search, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._registrations: dict[str, tuple[str, str]] = {}
        """The model's subject and the unit of each registration that is amended or decided on."""

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._load(facts)
        for fact in facts:
            if fact.name == REGISTERED:
                self._register(fact.position, fact.data)
            else:
                self._take(fact)
        for entries in self._model.kinds:
            entries.flush(self._connection)
        self._model.names.flush(self._connection)

    def _load(self, facts: Sequence[DecodedEvent]) -> None:
        model, connection = self._model, self._connection
        models: set[str] = set()
        named: set[str | None] = set()
        amended: set[str] = set()
        decided: set[str] = set()
        awards: set[str] = set()
        defined: set[str] = set()
        for _, name, subject, data, _ in facts:
            if name == REGISTERED:
                models.add(f"{_MODEL}{data['model_id']}")
                named.add(data.get("owner_org_id"))
            elif name == AMENDED:
                if not data["changes"].keys().isdisjoint(_OF_ENTRIES):
                    amended.add(data["registration_id"])
                    named.add(data["changes"].get("owner_org_id"))
            elif name in {RECOGNIZED, REVOKED}:
                decided.add(data["registration_id"])
            elif name in {GRANTED, AWARD_AMENDED}:
                awards.add(subject)
                stated = data["changes"] if name == AWARD_AMENDED else data
                named.add((stated.get("recipient") or {}).get("org_id"))
            elif subject.startswith(ORGANIZATION):
                defined.add(subject.removeprefix(ORGANIZATION))
        self._read(amended | decided)
        models |= {self._registrations[each][0] for each in amended}
        model.models.load(connection, models, defined)
        model.awards.load(connection, awards, defined)
        model.decisions.load(
            connection, {f"registration/{each}" for each in amended | decided} | awards
        )
        model.organizations.load(connection, {f"{ORGANIZATION}{each}" for each in defined})
        owning = (*model.models.open(), *model.awards.open())
        named |= {entry.org_id for entry in owning} | defined
        model.names.load(connection, {each for each in named if each is not None})

    def _read(self, registration_ids: Collection[str]) -> None:
        """Read the registrations that are amended or decided on.

        Those registered in this batch are noted as they come.
        """
        known = self._model.models.about(self._connection, registration_ids)
        for each in registration_ids:
            latest = known.get(each)
            stated = ("", "") if latest is None else (latest.subject, latest.unit_id)
            self._registrations[each] = stated

    def _take(self, fact: DecodedEvent) -> None:
        """Fold an event that registers nothing."""
        name, data, position = fact.name, fact.data, fact.position
        if name == AMENDED:
            if not data["changes"].keys().isdisjoint(_OF_ENTRIES):
                self._amend(position, data["registration_id"], data["changes"])
        elif name == RECOGNIZED:
            subject, unit_id = self._registrations[data["registration_id"]]
            about = subject.removeprefix(_MODEL)
            self._decide(position, fact.subject, data["decision"], unit_id, about=about)
        elif name == REVOKED:
            self._model.decisions.end(position, fact.subject)
        elif name == GRANTED:
            self._award(position, fact.subject, data)
        elif name == AWARD_AMENDED:
            self._award(position, fact.subject, data["changes"])
        elif fact.subject.startswith(ORGANIZATION):
            self._organize(fact)

    def _register(self, position: int, data: Mapping[str, Any]) -> None:
        model = self._model
        registration_id, unit_id = data["registration_id"], data["unit_id"]
        subject, plan_year = f"{_MODEL}{data['model_id']}", data["plan_year"]
        if registration_id in self._registrations:
            self._registrations[registration_id] = (subject, unit_id)
        org_id = data.get("owner_org_id")
        named = None if org_id is None else model.names.name(org_id)
        stated = (subject, data["title"], named, unit_id, org_id, registration_id, plan_year)
        # `SearchEntry(…)` without its Python-level constructor: this runs for every registration.
        entry = _new(SearchEntry, (*stated, None, None))
        latest = model.models.get(subject)
        if latest is None or (latest.plan_year or 0) <= plan_year:
            model.models.put(position, entry)
        else:
            model.models.put_ended(position, entry)

    def _amend(self, position: int, registration_id: str, changes: Mapping[str, Any]) -> None:
        model = self._model
        subject, unit_id = self._registrations[registration_id]
        moved = changes.get("unit_id", unit_id) != unit_id
        if moved:
            unit_id = changes["unit_id"]
            self._registrations[registration_id] = (subject, unit_id)
            decision = model.decisions.get(f"registration/{registration_id}")
            if decision is not None:
                model.decisions.put(position, decision._replace(unit_id=unit_id))
        latest = model.models.get(subject)
        if latest is None:
            return
        changed = latest._replace(unit_id=unit_id)
        if latest.about == registration_id:
            org_id = changes.get("owner_org_id", latest.org_id)
            named, title = model.names.name(org_id), changes.get("title", latest.title)
            changed = changed._replace(title=title, named=named, org_id=org_id)
            model.models.put(position, changed)
        elif moved:
            changed = changed._replace(about=registration_id)
            model.models.put_ended(position, changed)

    def _award(self, position: int, subject: str, stated: Mapping[str, Any]) -> None:
        """Put an award as granted, or with the fields that an amendment states."""
        entry = self._model.awards.get(subject) or SearchEntry(subject, None, None, "")
        org_id, about = entry.org_id, entry.about
        if "recipient" in stated:
            org_id, about = (stated["recipient"].get(each) for each in ("org_id", "unit_id"))
        changed = entry._replace(
            title=stated.get("award_name", entry.title),
            code=stated.get("award_form", entry.code),
            unit_id=stated.get("unit_id", entry.unit_id),
            org_id=org_id,
            about=about,
            named=self._model.names.name(org_id),
        )
        self._model.awards.put(position, changed)
        decision = self._model.decisions.get(subject)
        if "decision" in stated:
            self._decide(position, subject, stated["decision"], changed.unit_id)
        elif decision is not None:
            moved = decision._replace(unit_id=changed.unit_id)
            self._model.decisions.put(position, moved)

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
        self._model.decisions.put(position, entry)

    def _organize(self, fact: DecodedEvent) -> None:
        """Fold a definition, or the retraction of one, and rename what the organisation has."""
        model, position = self._model, fact.position
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
            model.organizations.put(position, entry)
        for entries in (model.models, model.awards):
            for entry in entries.naming(org_id):
                entries.put(position, entry._replace(named=name))


def _titled(entry: SearchEntry) -> str:
    """Return the words of a title and of the name of the organisation."""
    if entry.named is None:
        return words_of(entry.title or "")
    return words_of(entry.title or "", entry.named)


def _awarded(award: SearchEntry) -> str:
    """Return the words of an award: its name, form and organisation, and its recipient's unit."""
    form = _FORMS.get(award.code or "", (award.code or "",))[0]
    words = words_of(award.title or "", form, award.named or "")
    return words if award.about is None else f"{words} {word_of_recipient(award.about)}"
