"""`dvk audit` in this process, and what it needs to know of a log in memory."""

from io import StringIO
from pathlib import Path
from typing import Any

from services.console.commands.audit import AuditQuery, audit
from services.console.output.texts import Terminal
from shared.clock import MICROSECONDS
from shared.vocabulary import Family
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History
from tests.support.served_seals import NOW, POLICY, VKEY

SEALED = {"checkpoint_keys": [VKEY], "witness_policy": POLICY}
"""What trust begins with where it states who seals and who cosigns."""


def log_of(history: History) -> FamilyLog:
    """Return the log of a history as its readers see it."""
    return history.log.as_family(Family.REPORTING)


def digest_of(history: History) -> str:
    """Return the digest with which trust began, which an auditor pins."""
    return log_of(history).streams(["trust/ledger"])[0].digest.hex()


def audited(file: Path, year: int | None = None, **query: Any) -> tuple[int, str]:
    """Audit a file; return the exit code and all that was printed."""
    said = StringIO()
    terminal = Terminal(file=said, width=400)
    code = audit(file, AuditQuery(year, **query), lambda: NOW * MICROSECONDS, terminal)
    return code, said.getvalue()
