"""What becomes of one submitted event; every face (HTTP, intake, command) says the same."""

from dataclasses import dataclass

from shared.errors import Problem
from shared.eventlog.protocol import Reference


@dataclass(frozen=True, slots=True)
class Accepted:
    """It stands in the log at this position."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It stood in the log already, at this position."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Parked:
    """It waits for what it names."""

    waiting_for: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule, the version, or a used id says no; nothing was stored."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Unfit:
    """The door objects to it, and the log does not hold it from before; nothing was stored."""

    problem: Problem


Outcome = Accepted | Duplicate | Parked | Refused | Unfit
