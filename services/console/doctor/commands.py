"""The commands to suggest: those of one machine, or those of the data centre."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Commands:
    """The home of a ledger on this machine, or None for one in containers."""

    home: Path | None

    @classmethod
    def of(cls, settings: Settings) -> Commands:
        """Return the commands for a ledger of these settings."""
        return cls(settings.home if settings.database_url is None else None)

    def start(self, name: str) -> str:
        """Return the command that starts a stopped part."""
        return "dvk up" if self.home else f"docker compose up --detach {name}"

    def restart(self, name: str) -> str:
        """Return the command that restarts a stuck part; `dvk up` restarts what was killed."""
        if self.home is None:
            return f"docker compose restart {name}"
        pid = self.pid(name)
        return f"kill -KILL {pid}" if pid else "dvk up"

    def log(self, name: str) -> str:
        """Return the command that shows the last log lines of a service."""
        if self.home is None:
            return f"docker compose logs --tail 50 {name}"
        return f"tail --lines 50 {self.home / 'logs' / name}.log"

    def go_on(self, name: str) -> str | None:
        """Return the command that resumes a stopped process, None if it is unknown."""
        pid = self.pid(name)
        return f"kill -CONT {pid}" if pid else None

    def pid(self, name: str) -> int | None:
        """Return the process that `dvk up` started for a part, None if it has ended."""
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
