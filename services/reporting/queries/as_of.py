"""The position of a read: the requested one, or the one that the read models have reached."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

from shared.clock import rfc3339
from shared.errors import Problem, Unavailable, declare
from shared.web.answers.as_of_parameters import asked, known_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.database.postgres.replica import Replica
    from shared.eventlog.protocol import Reader

PATIENCE_SECONDS = 2.0
NOT_REACHED = declare(
    "known_at_not_reached",
    503,
    vi="Các bảng tổng hợp mới theo kịp đến vị trí {reached}, chưa đến {position}; hãy hỏi lại.",
    en="The read models have reached position {reached}, not yet {position}; ask again.",
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The position of a read, and the time at which it was recorded (None at position 0).

    `edition` names the generations of the read models, "" for the first ones.
    """

    position: int
    recorded_us: int | None
    edition: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the contract's `known_at`."""
        moment = None if self.recorded_us is None else rfc3339(self.recorded_us)
        return {"position": self.position, "time": moment}


def _is_there() -> bool:
    """Return True: there is nothing else to wait for."""
    return True


class ReachedPosition:
    """The position that every read model has reached, as a condition to wait for."""

    def __init__(self, position: Callable[[], int], moved: Condition | None = None) -> None:
        """Use a function for the position; `moved` is set if another's `tell` notifies this one."""
        self._position = position
        self.moved = moved or Condition()

    @property
    def position(self) -> int:
        """Return the least position of the read models."""
        return self._position()

    def tell(self) -> None:
        """Notify that a run was committed."""
        with self.moved:
            self.moved.notify_all()

    def wait(
        self, position: int, patience_seconds: float, also: Callable[[], bool] = _is_there
    ) -> bool:
        """Wait until a position is reached, and until `also` is true; say whether both are."""
        with self.moved:
            return self.moved.wait_for(
                lambda: self.position >= position and also(), patience_seconds
            )


def _unknown(_position: int) -> None:
    """Return None: the log has to be read."""


class AsOfResolver:
    """Resolves `known_at` for the reads."""

    def __init__(
        self,
        log: Reader,
        reached: ReachedPosition,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        recorded_us: Callable[[int], int | None] = _unknown,
        replica: Replica | None = None,
    ) -> None:
        """Use a log, which may be on a replica.

        `recorded_us` may return the time of a position without reading the log.
        """
        self._log = log
        self._reached = reached
        self._recorded_us = recorded_us
        self._patience = patience_seconds
        self._replica = replica
        self._last = AsOf(0, None)

    def resolve(self, stated: str | None, *, parameter: str = "known_at") -> AsOf:
        """Return the requested position; unstated is the one reached by the read models.

        A later one is waited for, up to two seconds; beyond the head of the log is 422. A replica
        does not know the head: what it has not received is waited for too.
        """
        if stated is None:
            return self._at(self._reached.position)
        if self._replica is not None:
            self._await_replica(stated, parameter, self._replica)
        requested = known_at(stated, self._log, parameter=parameter)
        if not self._reached.wait(requested.position, self._patience):
            params = {"reached": self._reached.position, "position": requested.position}
            raise Unavailable(Problem(NOT_REACHED, params))
        return AsOf(requested.position, requested.recorded_us if requested.position else None)

    def _await_replica(self, stated: str, parameter: str, replica: Replica) -> None:
        """Wait until a replica has all that was recorded at the position or time asked for."""
        position, moment_us = asked(stated, parameter)
        is_past = moment_us <= replica.now_us

        def has_all() -> bool:
            return not is_past or replica.complete_until_us >= moment_us

        if not self._reached.wait(position, self._patience, has_all):
            params = {"reached": self._reached.position, "position": position or stated}
            raise Unavailable(Problem(NOT_REACHED, params))

    def _at(self, position: int) -> AsOf:
        last = self._last
        if last.position != position:
            recorded = self._recorded_us(position)
            if recorded is None:
                place = self._log.at(position)
                recorded = place.recorded_us if place and position else None
            last = self._last = AsOf(position, recorded)
        return last
