"""Services as processes that share their imports: one parent imports all, and forks each of them.

Importing takes most of a start, so a ledger of four services starts in a fraction of the time.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

from setproctitle import setproctitle

_PARENT = multiprocessing.get_context("forkserver")


def forked(module: str, environment: Mapping[str, str], log: Path) -> tuple[BaseProcess, int]:
    """Start the `main` of a module, writing to a log file; return the process and its id."""
    _PARENT.set_forkserver_preload([f"{__package__}.imported_services"])
    process = _PARENT.Process(target=_run, args=(module, dict(environment), log), name=module)
    process.start()
    return process, int(process.pid or 0)  # a started process has an id


def _run(module: str, environment: Mapping[str, str], log: Path) -> None:
    os.setsid()  # Ctrl-C reaches the supervisor, which ends all in order
    setproctitle(f"{sys.executable} -m {module}")
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace", buffering=1)
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    import_module(f"{module}.__main__").main()
