"""A list is checked: rows matched, events made, and the door asked what it would say of them."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.lists.kinds.kind import EventDraft, ListKind, MatchedRow
from services.lists.ledger.reader import LedgerReader
from services.lists.matching.organizations import definition
from services.lists.persons.list_persons import ListPersons
from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.events import ListEvent, cloudevent
from services.lists.uploads.identified_rows import RowIdentities, RowIdentity, repeats_row
from services.lists.uploads.matching_rows import RowMatcher, Words
from shared.client.delivery import MAX_BYTES, Delivery, Item
from shared.vocabulary import Family

_BATCH_EVENTS = 500
_USED = "registration_id_used"
_FROM_THE_ROW = frozenset({"occurred_on", "occurred_precision", "origin", "registration_id"})
"""Fields that a list sent again does not correct: when and how the fact came in."""

StatedRow = tuple[int, Mapping[str, Any], Mapping[str, str], Sequence[Remark]]
"""A row as it was read: number, values and cells by column, and what reading found."""


@dataclass(slots=True)
class ListCheck:
    """Checks one list against the ledger; `advanced` is called with the number of rows done."""

    kind: ListKind
    words: Words
    ledger: LedgerReader
    delivery: Delivery
    persons: ListPersons
    advanced: Callable[[int], None] = field(default=lambda _rows: None)
    answers: Mapping[str, str] = field(default_factory=dict)
    """The answers given so far, by the keys of questions."""

    def check(self, rows: Iterable[StatedRow]) -> list[CheckedRow]:
        """Return every row with its state; raises `Undeliverable` when the ledger is away."""
        with self.persons:
            checked = self._drafted(rows)
        self._try(checked)
        self._correct(checked)
        return checked

    def _drafted(self, rows: Iterable[StatedRow]) -> list[CheckedRow]:
        matcher = RowMatcher(self.kind, self.words)
        matched: list[MatchedRow] = []
        titles: dict[int, str] = {}
        checked: dict[int, CheckedRow] = {}
        for number, values, cells, remarks in rows:
            row, unmatched = matcher.match(number, values, cells)
            found = [*remarks, *unmatched]
            if not found:
                row, asked = self.persons.referred(row, cells)
                found += asked
            title = str(values.get("title") or values.get("recipient") or "")
            asks = all(each.is_question for each in found)
            state = RowState.QUESTION if asks else RowState.FAULTY
            stated = str(values.get(self.kind.identity) or "") if found else ""
            checked[number] = CheckedRow(number, state, (), found, stated, title)
            titles[number] = cells.get("title", "")
            if not found:
                matched.append(row)
        identities = self._identified(matched, titles)
        seen: dict[tuple[str, ...], int] = {}
        for row in matched:
            self._draft(checked[row.number], row, identities.get(row.number), seen)
        return list(checked.values())

    def _identified(
        self, rows: Sequence[MatchedRow], titles: Mapping[int, str]
    ) -> Mapping[int, RowIdentity]:
        """Return which registrations the rows are; those of other kinds name theirs."""
        if self.kind.name != "registrations":
            return {}
        return RowIdentities(self.words.registrations, self.answers).of(rows, titles)

    def _draft(
        self,
        made: CheckedRow,
        row: MatchedRow,
        identity: RowIdentity | None,
        seen: dict[tuple[str, ...], int],
    ) -> None:
        """Give a row its events, unless it repeats one or waits for an answer."""
        if identity is not None:
            row = dataclasses.replace(row, values={**row.values, **identity.values})
            if identity.remark is not None:
                made.remarks.append(identity.remark)
                repeats = identity.repeats is not None
                made.state = RowState.REPEATED if repeats else RowState.QUESTION
                return
        made.state = RowState.NEW
        made.events, made.identity = self._events(row)
        made.person = row.get("person_ref") or ""
        made.is_named = bool(made.person and row.get("person_name"))
        key = tuple(event.id for event in made.events)
        if key in seen:
            made.state = RowState.REPEATED
            made.remarks.append(repeats_row(seen[key]))
        seen.setdefault(key, row.number)

    def _events(self, row: MatchedRow) -> tuple[Sequence[ListEvent], str]:
        """Return the events of a row, the organisations that it brings first, and its id."""
        drafts = list(self.kind.events(row))
        defined = [
            EventDraft(
                "OrganizationDefined",
                definition(self.words.organizations.defined[org_id], row.scope.occurred()),
            )
            for org_id in row.organization_names
            if org_id in self.words.organizations.defined
        ]
        identity = str(drafts[-1].data.get(self.kind.identity, "")) if drafts else ""
        return [cloudevent(self.kind.name, draft) for draft in (*defined, *drafts)], identity

    def _try(self, rows: Sequence[CheckedRow]) -> None:
        """Ask the door what it would say of each row, and set its state by the answers."""
        tried = [row for row in rows if row.state in {RowState.NEW, RowState.CHANGED}]
        done = len(rows) - len(tried)
        answered: dict[str, Item] = {}
        for batch in batches(tried):
            for row, items in _answers(batch, self.delivery, answered, dry_run=True):
                settle(row, items)
            done += len(batch)
            self.advanced(done)

    def _correct(self, rows: Sequence[CheckedRow]) -> None:
        """Make of each registration that the ledger has with other content a correction."""
        if self.kind.name != "registrations":
            return
        changed = [row for row in rows if _code(row) == _USED or self._changed_since(row)]
        for row in changed:
            self._amend(row)
        self._try([row for row in changed if row.state is RowState.CHANGED])

    def _changed_since(self, row: CheckedRow) -> bool:
        """Say whether anything came to a registration after the event that the row repeats."""
        listed = self.words.registrations.by_id.get(row.identity)
        if listed is None or row.state is not RowState.KNOWN:
            return False
        return listed.position not in row.positions

    def _amend(self, row: CheckedRow) -> None:
        wanted = orjson.loads(row.events[-1].raw)["data"]
        known = self.ledger.registration(wanted["registration_id"], wanted["model_id"])
        if known is None:
            row.remarks.clear()
            row.state = RowState.FAULTY
            row.remarks.append(_of_another(row.identity))
            return
        changes = {
            name: value
            for name, value in wanted.items()
            if name not in _FROM_THE_ROW and known.get(name) != value
        }
        fixed = {"model_id", "plan_year"} & changes.keys()
        row.remarks.clear()
        if not changes:
            row.state, row.events = RowState.KNOWN, ()
            return
        if fixed:
            row.state = RowState.FAULTY
            row.remarks.append(_of_another(row.identity))
            return
        data = {
            "occurred_on": wanted["occurred_on"],
            "registration_id": wanted["registration_id"],
            "reason": "Sửa theo danh sách nộp lại.",
            "changes": changes,
        }
        draft = EventDraft("ModelAmended", data)
        amended = cloudevent(self.kind.name, draft, after=known["amended_at"])
        row.state, row.events = RowState.CHANGED, [*row.events[:-1], amended]


def batches(rows: Sequence[CheckedRow]) -> Iterator[list[CheckedRow]]:
    """Cut rows into batches within the limits of the door; the events of a row stay together."""
    batch: list[CheckedRow] = []
    events = size = 0
    for row in rows:
        row_size = sum(len(event.raw) + 1 for event in row.events)
        full = events + len(row.events) > _BATCH_EVENTS or size + row_size + 2 > MAX_BYTES
        if batch and full:
            yield batch
            batch, events, size = [], 0, 0
        batch.append(row)
        events += len(row.events)
        size += row_size
    if batch:
        yield batch


def _answers(
    rows: Sequence[CheckedRow], delivery: Delivery, answered: dict[str, Item], *, dry_run: bool
) -> Iterator[tuple[CheckedRow, list[Item]]]:
    """Send the events of rows, registry before evaluation before reporting; yield the answers.

    Many rows bring the same organisation: an event that `answered` has is not sent again.
    """
    for family in Family:
        events = {
            event.id: event
            for row in rows
            for event in row.events
            if event.family is family and event.id not in answered
        }
        if events:
            raw = [event.raw for event in events.values()]
            items = delivery.send(family, raw, dry_run=dry_run, language="vi")
            if any(_is_shown(item, dry_run=dry_run) for item in items):
                # The door answers in one language: the same events are tried again for the other.
                in_english = delivery.send(family, raw, dry_run=True, language="en")
                items = [
                    {**item, "english": other.get("problem")}
                    for item, other in zip(items, in_english, strict=True)
                ]
            answered.update(zip(events, items, strict=True))
    for row in rows:
        yield row, [answered[event.id] for event in row.events]


def _is_shown(item: Item, *, dry_run: bool) -> bool:
    """Say whether a reader sees the problem of an event; one to be corrected is only tried."""
    problem = item.get("problem") or {}
    return bool(problem) and not (dry_run and problem["code"] == _USED)


def send(rows: Sequence[CheckedRow], delivery: Delivery, answered: dict[str, Item]) -> None:
    """Send rows of one batch, and set their states by what the ledger answers.

    `answered` holds the answers to earlier batches of the same list, by the ids of events.
    """
    for row, items in _answers(rows, delivery, answered, dry_run=False):
        settle(row, items)


def settle(row: CheckedRow, items: Sequence[Item]) -> None:
    """Set the state of a row by the items of its events."""
    statuses = {str(item["status"]) for item in items}
    positions = [item["position"] for item in items if item.get("position")]
    # Of a row that is only tried some events may be known; it is sent when all have a place.
    row.positions = positions if len(positions) == len(items) else []
    row.remarks = [each for each in row.remarks if each.code in {"", "repeated"}]
    if statuses <= {"duplicate"}:
        row.state = RowState.KNOWN
    elif statuses <= {"accepted", "duplicate"}:
        row.state = RowState.CHANGED if _is_correction(row) else RowState.NEW
    elif statuses & {"refused", "invalid"}:
        row.state = RowState.REFUSED
        for item in items:
            if item.get("problem"):
                row.refused(item["problem"], item.get("english") or item["problem"])
    else:
        row.state = RowState.WAITING
        for item in items:
            for reference in item.get("waiting_for", ()):
                row.remarks.append(_waits(reference))


def _is_correction(row: CheckedRow) -> bool:
    return any(event.name == "ModelAmended" for event in row.events)


def _code(row: CheckedRow) -> str:
    return row.remarks[-1].code if row.state is RowState.REFUSED and row.remarks else ""


def _of_another(identity: str) -> Remark:
    return Remark(
        "another_model",
        f"Mã đăng ký {identity} thuộc mô hình khác hoặc năm khác trong sổ cái.",
        f"The registration id {identity} belongs to another model or year in the ledger.",
    )


def _waits(reference: Mapping[str, str]) -> Remark:
    named = f"{reference['kind']} {reference['id']}"
    return Remark(
        "waits",
        f"Sổ cái chưa có {named}; dòng này sẽ chờ đến khi có.",
        f"The ledger does not have {named} yet; the row would wait for it.",
    )
