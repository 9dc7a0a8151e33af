"""Folds in the order of the log what belongs to no model: awards, organisations, the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from services.reporting.archive.layout import AWARDS, SHARED, Storage
from services.reporting.archive.rows import facts, programmes, read
from shared.errors import LedgerError, Problem, declare
from shared.gc_control import gc_paused
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from services.reporting.archive.layout import ArchiveManifest
    from shared.readmodel.decoded_events import DecodedEvent
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.rebuild.build import BuildSpec

RUN = 20_000
CANNOT_BE_FOLDED = declare(
    "archive_cannot_be_folded",
    409,
    vi="Bảng {read_model} không lập được từ kho lưu trữ: {reason}. Bảng đang dùng được giữ nguyên. "
    "Hãy chạy dvk rebuild không có --from-archive: đối tượng không lập được sẽ bị cách ly.",
    en="The read model {read_model} cannot be folded from the archive: {reason}. The active one "
    "stays in use. Run dvk rebuild without --from-archive: what cannot be folded is quarantined.",
)


class OrderedTask(NamedTuple):
    """Read models to fold in the order of the log into their tables, up to a position."""

    address: str
    until: int
    store_url: str
    specs: tuple[BuildSpec, ...]


def fold_in_order(task: OrderedTask) -> None:
    """Fold the parts of an archive that hold no models, with the programmes of registrations."""
    storage = Storage(task.address)
    manifest = storage.manifest()
    assert manifest is not None  # noqa: S101  the task was made from it
    models = [spec.model() for spec in task.specs]
    store = Store(task.store_url, lasting=False)
    try:
        with gc_paused():
            events = _events(storage, manifest, models, task.until)
            for first in range(0, len(events), RUN):
                part = events[first : first + RUN]
                with store.folding() as connection:
                    for model in models:
                        fold(
                            model, [each for each in part if each.name in model.events], connection
                        )
    finally:
        store.close()


def _events(
    storage: Storage, manifest: ArchiveManifest, models: Sequence[ReadModel], until: int
) -> list[DecodedEvent]:
    wanted = frozenset().union(*(model.events for model in models))
    events = list(facts(read(storage, manifest, (AWARDS, SHARED), until), wanted))
    return sorted([*events, *programmes(storage, manifest, until)], key=lambda each: each.position)


def fold(model: ReadModel, events: Sequence[DecodedEvent], connection: Connection) -> None:
    """Fold events; raises `archive_cannot_be_folded`."""
    if not events:
        return
    try:
        model.fold(events, connection)
    except (DBAPIError, LedgerError):
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        params = {"read_model": model.name, "reason": reason}
        raise LedgerError(Problem(CANNOT_BE_FOLDED, params)) from error
