"""The state of the desk in a database of its own: losing it loses no fact of the ledger.

Files, rows and what is said of them are sealed by the desk's key: workbooks hold names of persons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    select,
    update,
)

from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import SENDABLE, CheckedRow, RowState
from services.lists.uploads.desk_key import DeskKey
from services.lists.uploads.events import ListEvent
from services.lists.uploads.tables import (
    LISTS_UNAVAILABLE,
    METADATA,
    ROWS,
    SEALS,
    UPLOADS,
    engine_at,
)
from services.lists.uploads.upload import (
    FILE_ERASED,
    RUNNING,
    UPLOAD_UNDER_WAY,
    Upload,
    UploadStage,
)
from shared.clock import Clock, system_clock
from shared.database.errors import unavailable_as
from shared.errors import LedgerError, Problem
from shared.vocabulary import Family

_SEAL, _SEAL_PLACE = b"dvk-lists", "seal"


class DeskStore:
    """Uploads and their rows; the vault keeps persons over the same `engine`."""

    def __init__(self, url: str, key: DeskKey, clock: Clock = system_clock) -> None:
        self.engine = engine_at(url)
        self._key = key
        self._clock = clock
        METADATA.create_all(self.engine)
        self._require_key()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def forget_deleted(self, *, is_whole: bool = False) -> None:
        """Take what was deleted out of the files of SQLite; `is_whole` writes them new."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                if is_whole:
                    connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def add(self, upload: Upload, content: bytes) -> None:
        """Keep a new upload with its file."""
        with self.writing() as connection:
            sealed = self._key.seal(content, f"content/{upload.upload_id}")
            connection.execute(
                insert(UPLOADS).values(sealed_content=sealed, **self._upload_columns(upload))
            )

    def get(self, upload_id: str) -> Upload | None:
        """Return an upload by its id."""
        query = select(UPLOADS.c.upload_id, UPLOADS.c.sealed_details).where(
            UPLOADS.c.upload_id == upload_id
        )
        with self.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else self._upload(*found)

    def content(self, upload_id: str) -> bytes:
        """Return the file of an upload; raises `FILE_ERASED` once it is deleted."""
        query = select(UPLOADS.c.sealed_content).where(UPLOADS.c.upload_id == upload_id)
        with self.reading() as connection:
            sealed = bytes(connection.execute(query).scalar_one())
        content = self._key.open(sealed, f"content/{upload_id}")
        if not content:
            raise LedgerError(Problem(FILE_ERASED))
        return content

    def latest(self, limit: int) -> list[Upload]:
        """Return the latest uploads, the newest first."""
        query = (
            select(UPLOADS.c.upload_id, UPLOADS.c.sealed_details)
            .order_by(UPLOADS.c.received_us.desc(), UPLOADS.c.upload_id)
            .limit(limit)
        )
        with self.reading() as connection:
            return [self._upload(*found) for found in connection.execute(query)]

    def running(self, unchanged_since_us: int | None = None) -> list[Upload]:
        """Return the uploads that are to be worked on, the oldest first.

        With a moment only those that have made no progress since.
        """
        query = (
            select(UPLOADS.c.upload_id, UPLOADS.c.sealed_details)
            .where(UPLOADS.c.stage.in_([stage.value for stage in RUNNING]))
            .order_by(UPLOADS.c.received_us)
        )
        if unchanged_since_us is not None:
            query = query.where(UPLOADS.c.changed_us < unchanged_since_us)
        with self.reading() as connection:
            return [self._upload(*found) for found in connection.execute(query)]

    def unchanged_since(self, moment_us: int) -> int:
        """Return how many of the running uploads have made no progress since a moment."""
        query = select(func.count()).where(
            UPLOADS.c.stage.in_([stage.value for stage in RUNNING]),
            UPLOADS.c.changed_us < moment_us,
        )
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def change(self, upload: Upload, **fields: Any) -> Upload:  # noqa: ANN401  the fields' own types
        """Keep an upload with other fields, and return it."""
        changed = replace(upload, **fields)
        values = self._upload_columns(changed)
        with self.writing() as connection:
            connection.execute(
                update(UPLOADS).where(UPLOADS.c.upload_id == upload.upload_id).values(**values)
            )
        return changed

    def keep_rows(self, upload_id: str, rows: Sequence[CheckedRow]) -> None:
        """Replace all rows of an upload."""
        with self.writing() as connection:
            connection.execute(delete(ROWS).where(ROWS.c.upload_id == upload_id))
            if rows:
                values = [self._row_columns(upload_id, row) for row in rows]
                connection.execute(insert(ROWS), values)

    def change_rows(self, upload_id: str, rows: Iterable[CheckedRow]) -> None:
        """Keep what became of some rows."""
        with self.writing() as connection:
            for row in rows:
                values = self._row_columns(upload_id, row)
                connection.execute(
                    update(ROWS)
                    .where(ROWS.c.upload_id == upload_id, ROWS.c.number == row.number)
                    .values(state=values["state"], sealed_details=values["sealed_details"])
                )

    def rows(
        self, upload_id: str, *, state: str | None = None, after: int = 0, limit: int | None = None
    ) -> list[CheckedRow]:
        """Return rows in their order, of one state or of all, after a number."""
        query = select(ROWS.c.number, ROWS.c.sealed_details).where(
            ROWS.c.upload_id == upload_id, ROWS.c.number > after
        )
        if state is not None:
            query = query.where(ROWS.c.state == state)
        query = query.order_by(ROWS.c.number).limit(limit)
        with self.reading() as connection:
            found = connection.execute(query).all()
        return [self._row(upload_id, at, sealed) for at, sealed in found]

    def forget_files_of(self, connection: Connection, person: str, units: Iterable[str]) -> int:
        """Delete the files of units that name a person, or may; return how many.

        A list that waited for its reader cannot be sent any more. Raises `UPLOAD_UNDER_WAY` while
        one of them is checked or sent.
        """
        of = UPLOADS.c
        listed = select(of.upload_id, of.sealed_details).where(of.unit_id.in_(sorted(units)))
        count = 0
        for upload_id, details in connection.execute(listed).all():
            upload = self._upload(upload_id, details)
            if upload.stage in RUNNING:
                raise LedgerError(Problem(UPLOAD_UNDER_WAY))
            if upload.stage is not UploadStage.UNREADABLE and not self._may_name(
                connection, upload_id, person
            ):
                continue
            changed = upload if upload.stage is UploadStage.SENT else upload.without_file()
            values = self._upload_columns(changed)
            values["sealed_content"] = self._key.seal(b"", f"content/{upload_id}")
            connection.execute(update(UPLOADS).where(of.upload_id == upload_id).values(**values))
            count += 1
        return count

    def _may_name(self, connection: Connection, upload_id: str, person: str) -> bool:
        """Say whether a row is about a person, or may be because it still waits for an answer."""
        of = select(ROWS.c.number, ROWS.c.state, ROWS.c.sealed_details)
        for number, state, sealed in connection.execute(of.where(ROWS.c.upload_id == upload_id)):
            if state in {RowState.QUESTION, RowState.FAULTY}:
                return True
            if self._row(upload_id, number, sealed).person == person:
                return True
        return False

    def recorded_before(self, upload: Upload) -> list[tuple[Upload, CheckedRow]]:
        """Return the rows that earlier uploads of the same kind, unit and year had recorded.

        The oldest upload comes first; rows come in their order.
        """
        of, rows = UPLOADS.c, ROWS.c
        query = (
            select(of.upload_id, of.sealed_details, rows.number, rows.sealed_details.label("row"))
            .join_from(UPLOADS, ROWS, rows.upload_id == of.upload_id)
            .where(
                of.upload_id != upload.upload_id,
                of.received_us <= upload.received_us,
                of.stage == UploadStage.SENT.value,
                of.kind == upload.kind,
                of.unit_id == upload.unit_id,
                of.plan_year == upload.plan_year,
                rows.state.in_([state.value for state in SENDABLE]),
            )
            .order_by(of.received_us, of.upload_id, rows.number)
        )
        uploads: dict[str, Upload] = {}
        found = []
        with self.reading() as connection:
            for upload_id, details, number, row in connection.execute(query):
                if upload_id not in uploads:
                    uploads[upload_id] = self._upload(upload_id, details)
                found.append((uploads[upload_id], self._row(upload_id, number, row)))
        return found

    def count_rows(self, upload_id: str) -> dict[str, int]:
        """Return how many rows are in each state."""
        query = (
            select(ROWS.c.state, func.count())
            .where(ROWS.c.upload_id == upload_id)
            .group_by(ROWS.c.state)
        )
        with self.reading() as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}

    def _require_key(self) -> None:
        """Raise when what the desk keeps was sealed by another key."""
        with self.writing() as connection:
            if not opens(self._key, connection):
                seal = self._key.seal(_SEAL, _SEAL_PLACE)
                connection.execute(insert(SEALS).values(sealed=seal))

    def _upload_columns(self, upload: Upload) -> dict[str, Any]:
        details = orjson.dumps(asdict(upload))
        return {
            "upload_id": upload.upload_id,
            "received_us": upload.received_us,
            "changed_us": self._clock(),
            "stage": upload.stage.value,
            "kind": upload.kind,
            "unit_id": upload.unit_id,
            "plan_year": upload.plan_year,
            "sealed_details": self._key.seal(details, f"upload/{upload.upload_id}"),
        }

    def _upload(self, upload_id: str, sealed: bytes) -> Upload:
        return _upload(orjson.loads(self._key.open(bytes(sealed), f"upload/{upload_id}")))

    def _row(self, upload_id: str, number: int, sealed: bytes) -> CheckedRow:
        return _row(self._key.open(bytes(sealed), _place(upload_id, number)))

    def _row_columns(self, upload_id: str, row: CheckedRow) -> dict[str, Any]:
        return {
            "upload_id": upload_id,
            "number": row.number,
            "state": row.state.value,
            "sealed_details": self._key.seal(_row_details(row), _place(upload_id, row.number)),
        }

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reads."""
        with unavailable_as(LISTS_UNAVAILABLE), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together."""
        with self.reading() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()


def opens(key: DeskKey, connection: Connection) -> bool:
    """Say whether a key opens a state, False for a new one; raises `KEY_UNUSABLE` if not."""
    sealed = connection.execute(select(SEALS.c.sealed)).scalar()
    if sealed is not None:
        key.open(bytes(sealed), _SEAL_PLACE)
    return sealed is not None


def _place(upload_id: str, number: int) -> str:
    return f"row/{upload_id}/{number}"


def _upload(details: Mapping[str, Any]) -> Upload:
    day = details["list_day"]
    problem = details["problem"]
    return Upload(
        **{
            **details,
            "stage": UploadStage(details["stage"]),
            "list_day": date.fromisoformat(day) if day else None,
            "problem": tuple(problem) if problem else None,
            "entered_by": tuple(details.get("entered_by", ())),
        }
    )


def _row_details(row: CheckedRow) -> bytes:
    details = {
        **asdict(row),
        "events": [[e.family.value, e.id, e.subject, e.name, e.raw.decode()] for e in row.events],
    }
    return orjson.dumps(details)


def _row(stored: bytes) -> CheckedRow:
    details = orjson.loads(stored)
    events = [
        ListEvent(Family(family), identity, subject, name, raw.encode())
        for family, identity, subject, name, raw in details["events"]
    ]
    remarks = [
        Remark(**{**remark, "suggestions": tuple(remark["suggestions"])})
        for remark in details["remarks"]
    ]
    return CheckedRow(
        **{**details, "state": RowState(details["state"]), "events": events, "remarks": remarks}
    )
