"""Processes that do the work of a rebuild side by side: started once, gone with their parent."""

from __future__ import annotations

import gc
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from shared.errors import LedgerError, Problem, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

PROCESS_DIED = declare(
    "rebuild_process_died",
    503,
    vi="Một tiến trình của lần lập lại đã dừng đột ngột, có thể vì thiếu bộ nhớ. Bảng đang dùng "
    "được giữ nguyên; hãy chạy lại lệnh.",
    en="A process of the rebuild has died, perhaps for want of memory. The active read models stay "
    "in use; run the command again.",
)


class _TaskFailure(NamedTuple):
    """The failure of a task, in a form that can be pickled."""

    problem: Problem | None
    text: str


class Workers:
    """Applies functions to tasks in some processes; a single one is this process itself."""

    def __init__(self, processes: int | None = None) -> None:
        """Start `processes`, by default one for each core."""
        count = processes or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        if count > 1:
            self._pool = ProcessPoolExecutor(
                count, mp_context=get_context("spawn"), initializer=_begin
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterable[Any]:
        """Yield the results in any order.

        Raises the error of a task: a `LedgerError` as it is, any other as a `RuntimeError`; and
        `rebuild_process_died`.
        """
        return map(work, tasks) if self._pool is None else self._mapped(self._pool, work, tasks)

    @staticmethod
    def _mapped(
        pool: ProcessPoolExecutor, work: Callable[[Any], Any], tasks: Sequence[Any]
    ) -> Iterator[Any]:
        try:
            for done in as_completed([pool.submit(partial(_tried, work), task) for task in tasks]):
                result = done.result()
                if isinstance(result, _TaskFailure):
                    if result.problem is not None:
                        raise LedgerError(result.problem)
                    raise RuntimeError(result.text)  # noqa: TRY004  an error of the other process
                yield result
        except BrokenProcessPool:
            raise LedgerError(Problem(PROCESS_DIED)) from None


def _tried(work: Callable[[Any], Any], task: object) -> Any:  # noqa: ANN401  as the work returns
    try:
        return work(task)
    except LedgerError as error:
        return _TaskFailure(error.problem, str(error))
    except Exception as error:  # noqa: BLE001  the parent raises it
        return _TaskFailure(None, f"{type(error).__name__}: {error}")


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends this one
    gc.disable()  # rows and events have no cycles, and this process ends with the fill
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
