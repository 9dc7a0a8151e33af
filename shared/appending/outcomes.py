"""Outcomes of a submitted event, the same for HTTP, the intake stream and the command."""

from dataclasses import dataclass

from shared.errors import Problem
from shared.eventlog.protocol import Reference


@dataclass(frozen=True, slots=True)
class Accepted:
    """Recorded in the log at this position."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Recorded earlier, at this position."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Parked:
    """Waiting for the references it names."""

    waiting_for: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused by a rule, for its version, or for a used id; nothing was stored."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Unfit:
    """Invalid, and not in the log from before; nothing was stored."""

    problem: Problem


Outcome = Accepted | Duplicate | Parked | Refused | Unfit
