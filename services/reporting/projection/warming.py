"""The first reads of a generation, made ahead of its readers: a large year loads for seconds."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared.bus.wakeable_worker import Worker
from shared.errors import LedgerError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from services.reporting.queries.facade import Pin, Queries

WORTH_IT = 50_000
"""From this position on; the reads of a shorter log are fast without it."""


class Warming:
    """Makes some reads once for each generation, one at a step, in a thread of its own."""

    def __init__(
        self, pin: Pin, reads: Iterable[Callable[[], object]], *, worth_it: int = WORTH_IT
    ) -> None:
        self._pin = pin
        self._reads = tuple(reads)
        self._worth_it = worth_it
        self._generation: Queries | None = None
        self._left: list[Callable[[], object]] = []
        self.worker = Worker("warming", self.step)

    def step(self) -> int:
        """Make the next read; return how many are left, 0 when this generation is warm.

        A read that is refused is left out: a reader gets the same answer.
        """
        try:
            generation, as_of = self._pin(None)
        except Unavailable:  # the tables wait for a rebuild or for an operator
            return 0
        if as_of.position < self._worth_it:
            return 0
        if generation is not self._generation:
            self._generation, self._left = generation, list(self._reads)
        if self._left:
            with suppress(LedgerError):
                self._left.pop(0)()
        return len(self._left)
