"""The engines that fold the tasks of an archive: this machine's cores, or a cluster's workers.

A task is a function of files that its worker can read, so any engine that maps a function over a
list will do, and may run a task of a lost worker again. Spark and Dask are optional extras.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

from shared.gc_control import tune_gc

Engine = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Applies a function to each task somewhere, and yields the results in any order."""

LOCAL = "local"


class UnknownEngine(Exception):  # noqa: N818  the sentence is what the operator reads
    """The address names no engine, or its package is not installed."""


def engine_at(address: str) -> Engine:
    """Return an engine: `local`, `local:2` (processes), spark://…, or dask://…."""
    scheme, _, rest = address.partition(":")
    if scheme == LOCAL and (not rest or (rest.isdigit() and int(rest))):
        return local(int(rest) if rest else None)
    if scheme == "spark":
        return spark(address)
    if scheme == "dask":
        return dask(f"tcp:{rest}")
    message = f"{address} is no engine: local, local:<processes>, spark://…, dask://…"
    raise UnknownEngine(message)


def local(processes: int | None = None) -> Engine:
    """Return the engine of this machine: a process for each core, unless a number is given."""

    def mapped(work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterable[Any]:
        count = min(processes or os.cpu_count() or 1, max(1, len(tasks)))
        if count == 1:
            return map(work, tasks)
        pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=tune_gc)
        results = [pool.submit(work, task) for task in tasks]
        pool.shutdown(wait=False)
        return (each.result() for each in results)

    return mapped


def spark(address: str) -> Engine:
    """Return the engine of a Spark cluster; its workers need this package and the archive."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  an optional extra
    except ImportError as error:
        message = "Spark is not installed: pip install 'dan-van-kheo-ledger[spark]'"
        raise UnknownEngine(message) from error

    def mapped(work: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
        session = SparkSession.builder.master(address).appName("dvk audit").getOrCreate()
        try:
            context = session.sparkContext
            return list(context.parallelize(tasks, len(tasks)).map(work).collect())
        finally:
            session.stop()

    return _begun(mapped)


def dask(address: str) -> Engine:
    """Return the engine of a Dask cluster; its workers need this package and the archive."""
    try:
        from distributed import Client  # noqa: PLC0415  an optional extra
    except ImportError as error:
        message = "Dask is not installed: pip install 'dan-van-kheo-ledger[dask]'"
        raise UnknownEngine(message) from error

    def mapped(work: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
        with Client(address, set_as_default=False) as client:
            return list(client.gather(client.map(work, tasks, pure=False)))

    return _begun(mapped)


def _begun(mapped: Callable[..., list[Any]]) -> Engine:
    """Return an engine that begins at once: the cluster works beside its driver."""

    def begin(work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterable[Any]:
        thread = ThreadPoolExecutor(1, thread_name_prefix="cluster")
        results = thread.submit(mapped, work, tasks)
        thread.shutdown(wait=False)
        return _awaited(results)

    return begin


def _awaited(results: Future[list[Any]]) -> Iterator[Any]:
    yield from results.result()
