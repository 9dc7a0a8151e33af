"""The composition root of the sealer: the only place that builds its store, memory and key."""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING

from services.sealer.sealer import MOST, Sealer
from shared.bus.wakeable_worker import Worker
from shared.clock import Clock, system_clock
from shared.database.errors import unavailable_as
from shared.errors import LedgerError, Problem, declare
from shared.eventlog.dialects import LOG_UNAVAILABLE, dialect_for
from shared.eventlog.migrations import migrate
from shared.eventlog.seal_store import SealStore
from shared.gc_control import tune_gc
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.web.server.process import opened_patiently

if TYPE_CHECKING:
    from shared.settings import Settings

EVERY_SECONDS = 0.5
SEALER_RUNS = declare(
    "sealer_runs",
    503,
    vi="Một tiến trình niêm phong khác đang giữ thư mục {folder}. Mỗi sổ chỉ chạy một.",
    en="Another sealer holds the folder {folder}. One runs for each ledger.",
)
_logger = logging.getLogger("dvk.sealer")


def run(settings: Settings, *, clock: Clock = system_clock) -> None:
    """Seal the log of the settings until SIGTERM or SIGINT."""
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    memory = CheckpointMemory(settings.seal_memory)
    with ExitStack() as stack:
        try:
            stack.enter_context(memory.held())
        except BlockingIOError:
            problem = Problem(SEALER_RUNS, {"folder": str(settings.seal_memory)})
            raise LedgerError(problem) from None
        key = SecretKey.kept_at(settings.seal_key)
        store = opened_patiently(lambda: opened(settings))
        stack.callback(store.close)
        sealer = Sealer(store, memory, key, clock=clock)

        def work() -> int:
            sealed = sealer.step()
            memory.touch()
            return sealed if sealed >= MOST else 0

        worker = Worker("sealer", work, every_seconds=EVERY_SECONDS)
        tune_gc()
        _logger.info("seals as %s, with the key %s", settings.origin, sealer.vkey)
        worker.start()
        stack.callback(worker.stop)
        ending.wait()


def opened(settings: Settings) -> SealStore:
    """Return the seals in the log of the settings, after migrating its tables."""
    dialect = dialect_for(settings.log_url, None)
    store = SealStore(dialect, settings.origin)
    try:
        with unavailable_as(LOG_UNAVAILABLE):
            migrate(dialect)
    except BaseException:
        store.close()
        raise
    return store
