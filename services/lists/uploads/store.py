"""The state of the desk in a database of its own: losing it loses no fact of the ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import SENDABLE, CheckedRow, RowState
from services.lists.uploads.events import ListEvent
from services.lists.uploads.upload import RUNNING, Upload, UploadStage
from shared.database.postgres.engine import postgres_engine
from shared.database.sqlite import sqlite_engine
from shared.vocabulary import Family

_metadata = MetaData()
_uploads = Table(
    "list_uploads",
    _metadata,
    Column("upload_id", Text, primary_key=True),
    Column("received_us", BigInteger, nullable=False, index=True),
    Column("stage", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
_rows = Table(
    "list_rows",
    _metadata,
    Column("upload_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
)
_persons = Table(
    "list_persons",
    _metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("person_ref", Text, nullable=False, unique=True),
    Column("sealed_name", LargeBinary),
)


class DeskStore:
    """Uploads, their rows, and references of persons."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        _metadata.create_all(self._engine)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def add(self, upload: Upload, content: bytes) -> None:
        """Keep a new upload with its file."""
        with self._writing() as connection:
            connection.execute(insert(_uploads).values(content=content, **_columns(upload)))

    def get(self, upload_id: str) -> Upload | None:
        """Return an upload by its id."""
        query = select(_uploads.c.stage, _uploads.c.details).where(
            _uploads.c.upload_id == upload_id
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).first()
        return None if found is None else _upload(*found)

    def content(self, upload_id: str) -> bytes:
        """Return the file of an upload."""
        query = select(_uploads.c.content).where(_uploads.c.upload_id == upload_id)
        with self._engine.connect() as connection:
            return bytes(connection.execute(query).scalar_one())

    def latest(self, limit: int) -> list[Upload]:
        """Return the latest uploads, the newest first."""
        query = (
            select(_uploads.c.stage, _uploads.c.details)
            .order_by(_uploads.c.received_us.desc(), _uploads.c.upload_id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_upload(*found) for found in connection.execute(query)]

    def running(self) -> list[Upload]:
        """Return the uploads that the desk was working on, the oldest first."""
        query = (
            select(_uploads.c.stage, _uploads.c.details)
            .where(_uploads.c.stage.in_([stage.value for stage in RUNNING]))
            .order_by(_uploads.c.received_us)
        )
        with self._engine.connect() as connection:
            return [_upload(*found) for found in connection.execute(query)]

    def change(self, upload: Upload, **fields: Any) -> Upload:  # noqa: ANN401  the fields' own types
        """Keep an upload with other fields, and return it."""
        changed = replace(upload, **fields)
        values = _columns(changed)
        with self._writing() as connection:
            connection.execute(
                update(_uploads).where(_uploads.c.upload_id == upload.upload_id).values(**values)
            )
        return changed

    def keep_rows(self, upload_id: str, rows: Sequence[CheckedRow]) -> None:
        """Replace all rows of an upload."""
        with self._writing() as connection:
            connection.execute(delete(_rows).where(_rows.c.upload_id == upload_id))
            if rows:
                connection.execute(insert(_rows), [_row_columns(upload_id, row) for row in rows])

    def change_rows(self, upload_id: str, rows: Iterable[CheckedRow]) -> None:
        """Keep what became of some rows."""
        with self._writing() as connection:
            for row in rows:
                values = _row_columns(upload_id, row)
                connection.execute(
                    update(_rows)
                    .where(_rows.c.upload_id == upload_id, _rows.c.number == row.number)
                    .values(state=values["state"], details=values["details"])
                )

    def rows(
        self, upload_id: str, *, state: str | None = None, after: int = 0, limit: int | None = None
    ) -> list[CheckedRow]:
        """Return rows in their order, of one state or of all, after a number."""
        query = select(_rows.c.details).where(
            _rows.c.upload_id == upload_id, _rows.c.number > after
        )
        if state is not None:
            query = query.where(_rows.c.state == state)
        query = query.order_by(_rows.c.number).limit(limit)
        with self._engine.connect() as connection:
            return [_row(found) for found in connection.execute(query).scalars()]

    def recorded_before(self, upload: Upload) -> list[tuple[Upload, CheckedRow]]:
        """Return the rows that earlier uploads of the same kind, unit and year had recorded.

        The oldest upload comes first; rows come in their order.
        """
        of, rows = _uploads.c, _rows.c
        query = (
            select(of.upload_id, of.stage, of.details, rows.details.label("row"))
            .join_from(_uploads, _rows, rows.upload_id == of.upload_id)
            .where(
                of.upload_id != upload.upload_id,
                of.received_us <= upload.received_us,
                of.stage == UploadStage.SENT.value,
                of.details["kind"].as_string() == upload.kind,
                of.details["unit_id"].as_string() == upload.unit_id,
                of.details["plan_year"].as_integer() == upload.plan_year,
                rows.state.in_([state.value for state in SENDABLE]),
            )
            .order_by(of.received_us, of.upload_id, rows.number)
        )
        uploads: dict[str, Upload] = {}
        found = []
        with self._engine.connect() as connection:
            for upload_id, stage, details, row in connection.execute(query):
                if upload_id not in uploads:
                    uploads[upload_id] = _upload(stage, details)
                found.append((uploads[upload_id], _row(row)))
        return found

    def count_rows(self, upload_id: str) -> dict[str, int]:
        """Return how many rows are in each state."""
        query = (
            select(_rows.c.state, func.count())
            .where(_rows.c.upload_id == upload_id)
            .group_by(_rows.c.state)
        )
        with self._engine.connect() as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}

    def person(self, key: bytes, new_reference: str, sealed_name: bytes | None) -> str:
        """Return the reference of a person by key, keeping a new one where there is none."""
        query = select(_persons.c.person_ref).where(_persons.c.person_key == key)
        with self._writing() as connection:
            known: str | None = connection.execute(query).scalar()
            if known is not None:
                return known
            connection.execute(
                insert(_persons).values(
                    person_key=key, person_ref=new_reference, sealed_name=sealed_name
                )
            )
        return new_reference

    def sealed_names(self, references: Sequence[str]) -> dict[str, bytes]:
        """Return the encrypted names of persons by reference, as far as they are known."""
        query = select(_persons.c.person_ref, _persons.c.sealed_name).where(
            _persons.c.person_ref.in_(references)
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).all()
        return {reference: bytes(sealed) for reference, sealed in found if sealed}

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000")
        return sqlite_engine(url, pragmas=pragmas)
    return postgres_engine(url, name="dvk-lists", settings={"statement_timeout": "30s"})


def _columns(upload: Upload) -> dict[str, Any]:
    details = asdict(upload)
    details["list_day"] = upload.list_day.isoformat() if upload.list_day else None
    return {
        "upload_id": upload.upload_id,
        "received_us": upload.received_us,
        "stage": upload.stage.value,
        "details": details,
    }


def _upload(stage: str, details: Mapping[str, Any]) -> Upload:
    day = details["list_day"]
    problem = details["problem"]
    return Upload(
        **{
            **details,
            "stage": UploadStage(stage),
            "list_day": date.fromisoformat(day) if day else None,
            "problem": tuple(problem) if problem else None,
        }
    )


def _row_columns(upload_id: str, row: CheckedRow) -> dict[str, Any]:
    details = {
        **asdict(row),
        "events": [[e.family.value, e.id, e.subject, e.name, e.raw.decode()] for e in row.events],
    }
    return {
        "upload_id": upload_id,
        "number": row.number,
        "state": row.state.value,
        "details": orjson.dumps(details),
    }


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
