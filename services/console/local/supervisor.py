"""A supervisor: it starts and watches children, restarts them when they die, and ends them.

It advances in steps, so that a test can drive it without waiting.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from services.console.local.data_directory import end_leftover, write_pid
from services.console.local.forked_service import forked
from services.console.local.redis_server import RedisChild
from services.console.output.texts import Say, number, number_en

_STOP_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_SETTLED_SECONDS = 60.0
_LOG_BYTES = 10_000_000


@dataclass
class ServiceChild:
    """One service as a process of its own, with a log file and a pid file."""

    module: str
    environment: Callable[[], Mapping[str, str]]
    """Asked at each start: trust may begin while the ledger runs."""
    log: Path
    pid_file: Path
    _process: BaseProcess | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """Return the process id, or None when it is not running."""
        return self._process.pid if self._process and self._process.is_alive() else None

    def start(self) -> None:
        """Start the service; it is ready when its own /readyz says so."""
        end_leftover(self.pid_file)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        environment = {**os.environ, **self.environment()}
        self._process, pid = forked(self.module, environment, self.log)
        write_pid(self.pid_file, pid)

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        self.pid_file.unlink(missing_ok=True)

    def last_words(self, lines: int = 12) -> str:
        """Return the last lines of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


Child = ServiceChild | RedisChild
"""A process that can be restarted after its death."""


@dataclass
class _Watched:
    name: str
    child: Child
    started: float
    deaths: int = 0
    due: float | None = None


@dataclass
class Supervisor:
    """Watches and restarts children; the clock is in seconds."""

    say: Say
    clock: Callable[[], float] = time.monotonic
    _watched: list[_Watched] = field(default_factory=list)

    def start(self, name: str, child: Child) -> None:
        """Start a child and watch it from now on."""
        self._watched.append(_Watched(name, child, self.clock()))
        child.start()

    def step(self) -> None:
        """Check each child once: announce deaths, and restart those that are due."""
        now = self.clock()
        for one in self._watched:
            if one.due is not None:
                if now >= one.due:
                    self._start_again(one, now)
            elif one.child.pid is None:
                self._announce(one, now)
            elif now - one.started > _SETTLED_SECONDS:
                one.deaths = 0

    def stop(self) -> None:
        """End all, the last started first, so that none loses a process it depends on."""
        for one in reversed(self._watched):
            one.child.stop()
        self._watched.clear()

    def deaths(self, name: str) -> int:
        """Return the number of recent deaths of a child."""
        return next((one.deaths for one in self._watched if one.name == name), 0)

    def _announce(self, one: _Watched, now: float) -> None:
        pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**one.deaths)
        one.deaths += 1
        one.due = now + pause
        self.say(
            f"{one.name} đã dừng ngoài ý muốn; khởi động lại sau {number(pause, 1)} giây.",
            f"{one.name} ended by itself; it is started again in {number_en(pause, 1)} s.",
        )

    def _start_again(self, one: _Watched, now: float) -> None:
        try:
            one.child.start()
        except Exception as error:  # noqa: BLE001  any error is reported, and the start repeated
            self.say(
                f"{one.name} không khởi động được: {error}", f"{one.name} did not start: {error}"
            )
            self._announce(one, now)
            return
        one.started, one.due = now, None
        self.say(f"{one.name} đã chạy lại.", f"{one.name} runs again.")
