"""Vanished rows: recorded from an earlier upload of the same list, and in this file no more.

They are named and never withdrawn: a list may come in two files, and only its keeper knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.lists.matching.registrations import YearRegistrations
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.upload import Upload
from shared.vocabulary.vietnamese import plain

MOST_NAMED = 1_000
"""So many are named one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class VanishedRow:
    """A thing of the ledger that an earlier file had: its id, and where it was.

    `received_us` is when that file was uploaded, in microseconds since 1970; `number` is the row
    in it.
    """

    identity: str
    title: str
    file_name: str
    received_us: int
    number: int


def vanished(
    before: Iterable[tuple[Upload, CheckedRow]],
    rows: Sequence[CheckedRow],
    registrations: YearRegistrations,
) -> Mapping[str, Any]:
    """Return how many things vanished, and the first of them, as an upload keeps them.

    Rows that are not understood yet are compared by id and title, so that a fault makes no alarm.
    """
    here = {identity for row in rows for _, identity in _things(row)}
    unclear = {RowState.FAULTY, RowState.QUESTION}
    titles = {plain(row.title) for row in rows if row.state in unclear and row.title}
    found: dict[str, VanishedRow] = {}
    for upload, row in before:
        for stream, identity in _things(row):
            withdrawn = stream == "registration" and identity not in registrations.by_id
            if identity not in here and plain(row.title) not in titles and not withdrawn:
                found[identity] = VanishedRow(
                    identity, row.title, upload.file_name, upload.received_us, row.number
                )
    named = [asdict(each) for each in list(found.values())[:MOST_NAMED]]
    return {"count": len(found), "rows": named}


def vanished_of(upload: Upload) -> tuple[int, list[VanishedRow]]:
    """Return how many things vanished from a list, and those that are named."""
    kept: Any = upload.summary.get("vanished", {"count": 0, "rows": ()})
    return kept["count"], [VanishedRow(**each) for each in kept["rows"]]


def _things(row: CheckedRow) -> set[tuple[str, str]]:
    """Return the streams and ids of what a row is about; an organisation that it brings is not.

    A row without events is known by its id, which it has or names in a question.
    """
    if not row.events:
        asked = {each.key.rpartition(":")[2] for each in row.remarks if each.code == "near_title"}
        return {("", identity) for identity in {row.identity, *asked} if identity}
    last = row.events[-1].subject.partition("/")[0]
    subjects = (event.subject.partition("/") for event in row.events)
    return {(stream, identity) for stream, _, identity in subjects if stream == last}
