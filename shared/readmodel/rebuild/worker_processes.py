"""Fills in processes of their own, one for each yard, so that a rebuild uses more than one core."""

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

# A process that is forked would share connections and threads: these begin from nothing.
_PROCESSES = multiprocessing.get_context("spawn")


class WorkerTask(NamedTuple):
    """What one process fills, up to which position of the log."""

    log_url: str
    store_url: str
    news: tuple[BuildSpec, ...]
    until: int
    run: int


class _Failure(NamedTuple):
    """Why a process has failed, in what can be sent from one to another."""

    problem: Problem | None
    place: LogPosition | None
    text: str


def build_in_workers(tasks: Sequence[WorkerTask], on_progress: Callable[[int], None]) -> None:
    """Fill in as many processes as there are tasks; `told` hears the position all have reached.

    Whatever is raised, no process is left behind. Raises what the first that failed has raised.
    """
    processes: list[SpawnProcess] = []
    reached: dict[Connection, int] = {}
    try:
        for task in tasks:
            ours, theirs = _PROCESSES.Pipe(duplex=False)
            process = _PROCESSES.Process(target=_work, args=(theirs, task), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            reached[ours] = 0
        waiting = set(reached)
        while waiting:
            wait(waiting)
            for ours in [each for each in waiting if each.poll()]:
                said = _heard(ours)
                if said is None:
                    waiting.remove(ours)
                else:
                    reached[ours] = said
                    on_progress(min(reached.values()))
    finally:
        for process in processes:
            process.kill()
            process.join()


def _heard(ours: Connection) -> int | None:
    try:
        said = ours.recv()
    except EOFError:
        said = _Failure(None, None, "a process of the rebuild has died")
    if isinstance(said, _Failure):
        if said.place is not None:
            raise LogMismatch(said.place)
        if said.problem is not None:
            raise LedgerError(said.problem)
        raise RuntimeError(said.text)  # noqa: TRY004  what was raised in the other process
    position: int | None = said
    return position


def _work(theirs: Connection, task: WorkerTask) -> None:
    """Fill, and tell how far it is; a parent that has gone ends it with the next word."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends this one
    log = open_log(task.log_url, family=None)
    store = Store(task.store_url, lasting=False)
    try:
        fill(log, store, task.news, task.until, run=task.run, on_progress=theirs.send)
        theirs.send(None)
    except BrokenPipeError:
        return
    except LogMismatch as error:
        theirs.send(_Failure(None, error.checkpoint, str(error)))
    except LedgerError as error:
        theirs.send(_Failure(error.problem, None, str(error)))
    except Exception as error:  # noqa: BLE001  whatever it is, the parent raises it
        theirs.send(_Failure(None, None, f"{type(error).__name__}: {error}"))
    finally:
        store.close()
        log.close()
