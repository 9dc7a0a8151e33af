"""The seals of the log: the last checkpoint, and whether the log and the sealer agree with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.clock import MICROSECONDS
from shared.eventlog.tables import CHECKPOINTS
from shared.events.redacted_record import digest_of
from shared.trust.checkpoints import Checkpoint
from shared.trust.memory import CheckpointMemory
from shared.trust.notes import NoteError
from shared.trust.tiles import GrowingTree, entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from shared.eventlog.protocol import Reader
    from shared.settings import Settings

BEHIND_SECONDS = 60
_RUN = 2_000
_WHY = Bilingual(
    "Điểm kiểm đã ký chứng minh với bên ngoài rằng không ai sửa sổ.",
    "Signed checkpoints prove to others that the log was not changed.",
)
_EVIDENCE = (
    Bilingual(
        "Giữ nguyên hiện trạng làm chứng, rồi theo:", "Keep everything as evidence, then follow:"
    ),
    "docs/operations.md#sealcontradicted",
)


def check_seals(
    connection: Connection,
    reader: Reader,
    settings: Settings,
    *,
    clock: Callable[[], int],
    deep: bool,
) -> Finding:
    """Compare the log with its last checkpoint and the sealer's file; `deep`: the whole tree."""
    head = reader.head()
    found = _last(connection, settings.origin)
    kept = _kept(settings)
    if found is None and kept is None:
        return _unsealed(head.position)
    size, root, chain = found or (0, b"", b"")
    there = reader.at(size)
    if there is None or (size and there.chain != chain):
        return _contradicted(size)
    if kept is not None:
        known = _root_at(connection, settings.origin, kept.size)
        if known is None and size < kept.size <= head.position:
            known = _whole_root(reader, kept.size)  # the sealer stopped before it published
        if kept.size > head.position or known not in {None, kept.root}:
            return _contradicted(kept.size)
    if deep and size and _whole_root(reader, size) != root:
        return _contradicted(size)
    waiting = reader.read(size, 1)
    if waiting and clock() - waiting[0].recorded_us > BEHIND_SECONDS * MICROSECONDS:
        return _behind(head.position - size)
    return well(
        "seal",
        f"đã niêm phong đến vị trí {number(size)}",
        f"sealed up to position {number_en(size)}",
    )


def _last(connection: Connection, origin: str) -> tuple[int, bytes, bytes] | None:
    if not inspect(connection).has_table(CHECKPOINTS.name):
        return None
    columns = CHECKPOINTS.c
    query = CHECKPOINTS.select().where(columns.origin == origin).order_by(columns.size.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else (row.size, bytes(row.root), bytes(row.chain))


def _root_at(connection: Connection, origin: str, size: int) -> bytes | None:
    columns = CHECKPOINTS.c
    query = CHECKPOINTS.select().where(columns.origin == origin, columns.size == size)
    row = connection.execute(query).first()
    return None if row is None else bytes(row.root)


def _kept(settings: Settings) -> Checkpoint | None:
    """Return the checkpoint of the sealer's file, where this machine has one that can be read."""
    written = CheckpointMemory(settings.seal_memory).last(settings.origin)
    try:
        return None if written is None else Checkpoint.parse(written)
    except NoteError:
        return None


def _whole_root(reader: Reader, size: int) -> bytes:
    """Return the root over the log as it is now, from the records themselves.

    That a redacted record is the one its redaction states is for the check of the chain to say.
    """
    tree = GrowingTree()
    while tree.size < size:
        events = reader.read(tree.size, min(_RUN, size - tree.size))
        if not events:
            break
        tree.append([entry(e.position, e.recorded_us, digest_of(e.body)) for e in events])
        tree.take()
    return tree.root()


def _unsealed(head: int) -> Finding:
    if not head:
        return well("seal", "sổ trống, chưa có gì để niêm phong", "the log is empty")
    return look(
        "seal",
        Bilingual("sổ chưa được niêm phong lần nào", "the log was never sealed"),
        _WHY,
        Bilingual(
            "Chạy tiến trình niêm phong; `dvk up` tự chạy nó:",
            "Start the sealer; `dvk up` does that by itself:",
        ),
        "docker compose up --detach sealer",
    )


def _behind(count: int) -> Finding:
    return look(
        "seal",
        Bilingual(
            f"{number(count)} sự kiện chưa được niêm phong",
            f"{number_en(count)} events are not sealed",
        ),
        _WHY,
        Bilingual("Xem vì sao tiến trình niêm phong dừng:", "Find out why the sealer stopped:"),
        "docs/operations.md#sealbehind",
    )


def _contradicted(position: int) -> Finding:
    return broken(
        "seal",
        Bilingual(
            f"sổ trái với điểm kiểm đã ký ở vị trí {number(position)}",
            f"the log contradicts the checkpoint signed at position {number_en(position)}",
        ),
        _WHY,
        *_EVIDENCE,
    )
