"""Real servers for tests, from whichever place has one: the first that starts is taken.

A given address, else testcontainers where a Docker engine answers, else local binaries, else wheels.
"""

from __future__ import annotations

import contextlib
import gc
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

Running = AbstractContextManager[str]
"""A server that runs inside the `with`; what it gives is its address."""
Option = tuple[str, Callable[[], Running]]


class NoServerError(Exception):
    """This place has no such server; the message says why."""


@contextmanager
def first_that_starts(kind: str, options: Sequence[Option]) -> Iterator[str]:
    """Run the first server that starts; when none does, the error tells why of each."""
    reasons = []
    for name, option in options:
        with contextlib.ExitStack() as stack:
            try:
                url = stack.enter_context(option())
            except Exception as error:  # noqa: BLE001  every place may fail in its own way
                reasons.append(f"- {name}: {type(error).__name__}: {error}")
                continue
            yield url
            return
    raise NoServerError(f"no real {kind} for the tests:\n" + "\n".join(reasons))


def docker_engine() -> None:
    """Raise `NoServerError` unless a Docker engine answers; a client without one is no engine."""
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415  slow, seldom needed

    with warnings.catch_warnings():
        # The client leaves a socket open when nobody answers, which is an error in our tests.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            docker.from_env(timeout=3).close()
            answers = True
        except docker.errors.DockerException:
            answers = False
        gc.collect()
    if not answers:
        raise NoServerError("no Docker engine answers")


@contextmanager
def running(container: Any, address: Callable[[Any], str]) -> Iterator[str]:
    """Run a testcontainer."""
    with container as started:
        yield address(started)


def given(variable: str) -> str | None:
    """Return the address that the environment gives, if any."""
    return os.environ.get(variable) or None


def worker_number() -> int:
    """Return which of pytest-xdist's workers this is, from 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
