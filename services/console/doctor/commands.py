"""The commands to give next: those of one machine, or those of the data centre."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Commands:
    """Where the ledger runs: in a home on this machine, or (None) in containers."""

    home: Path | None

    @classmethod
    def of(cls, settings: Settings) -> Commands:
        """Return the commands for a ledger of these settings."""
        return cls(settings.home if settings.database_url is None else None)

    def start(self, name: str) -> str:
        """Return how to start a part that does not run."""
        return "dvk up" if self.home else f"docker compose up --detach {name}"

    def restart(self, name: str) -> str:
        """Return how to restart a part that is stuck; `dvk up` restarts what was killed."""
        if self.home is None:
            return f"docker compose restart {name}"
        pid = self.pid(name)
        return f"kill -KILL {pid}" if pid else "dvk up"

    def log(self, name: str) -> str:
        """Return how to see the last words of a service."""
        if self.home is None:
            return f"docker compose logs --tail 50 {name}"
        return f"tail --lines 50 {self.home / 'logs' / name}.log"

    def go_on(self, name: str) -> str | None:
        """Return how to let a stopped process go on, where it is known which one."""
        pid = self.pid(name)
        return f"kill -CONT {pid}" if pid else None

    def pid(self, name: str) -> int | None:
        """Return the process that `dvk up` started for a part, None if it lives no more."""
        if self.home is None:
            return None
        try:
            if name == "redis":
                pid = int((self.home / "redis" / "redis.pid").read_text())
            else:
                pid = int(orjson.loads((self.home / "run" / f"{name}.json").read_bytes())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return pid if Path(f"/proc/{pid}").exists() else None
