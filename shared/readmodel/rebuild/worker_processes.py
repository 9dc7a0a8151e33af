"""Fills in worker processes, one for each staging area, so that a rebuild uses several cores."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import LedgerError, Problem
from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.eventlog.sql import open_log
from shared.readmodel.rebuild.build import BuildSpec, fill
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

# Spawned, because a forked process would share connections and threads.
_PROCESSES = multiprocessing.get_context("spawn")


class WorkerTask(NamedTuple):
    """The read models that one process fills, up to a position of the log."""

    log_url: str
    store_url: str
    specs: tuple[BuildSpec, ...]
    until: int
    run: int


class _Failure(NamedTuple):
    """The failure of a process, in a form that can be pickled."""

    problem: Problem | None
    place: LogPosition | None
    text: str


def build_in_workers(tasks: Sequence[WorkerTask], on_progress: Callable[[int], None]) -> None:
    """Fill in one process per task; `on_progress` gets the position that all have reached.

    No process is left behind, even after an error. Raises the error of the first that failed.
    """
    processes: list[SpawnProcess] = []
    reached: dict[Connection, int] = {}
    try:
        for task in tasks:
            receiver, sender = _PROCESSES.Pipe(duplex=False)
            process = _PROCESSES.Process(target=_work, args=(sender, task), daemon=True)
            process.start()
            sender.close()
            processes.append(process)
            reached[receiver] = 0
        waiting = set(reached)
        while waiting:
            wait(waiting)
            for receiver in [each for each in waiting if each.poll()]:
                message = _received(receiver)
                if message is None:
                    waiting.remove(receiver)
                else:
                    reached[receiver] = message
                    on_progress(min(reached.values()))
    finally:
        for process in processes:
            process.kill()
            process.join()


def _received(receiver: Connection) -> int | None:
    try:
        message = receiver.recv()
    except EOFError:
        message = _Failure(None, None, "a process of the rebuild has died")
    if isinstance(message, _Failure):
        if message.place is not None:
            raise LogMismatch(message.place)
        if message.problem is not None:
            raise LedgerError(message.problem)
        raise RuntimeError(message.text)  # noqa: TRY004  an error of the other process
    position: int | None = message
    return position


def _work(sender: Connection, task: WorkerTask) -> None:
    """Fill and send progress; if the parent has gone, end with the next message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends this one
    log = open_log(task.log_url, family=None)
    store = Store(task.store_url, lasting=False)
    try:
        fill(log, store, task.specs, task.until, run=task.run, on_progress=sender.send)
        sender.send(None)
    except BrokenPipeError:
        return
    except LogMismatch as error:
        sender.send(_Failure(None, error.checkpoint, str(error)))
    except LedgerError as error:
        sender.send(_Failure(error.problem, None, str(error)))
    except Exception as error:  # noqa: BLE001  the parent raises it
        sender.send(_Failure(None, None, f"{type(error).__name__}: {error}"))
    finally:
        store.close()
        log.close()
