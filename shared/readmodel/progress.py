"""How far the read models of one generation are, read from their checkpoints in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.readmodel import checkpoints, quarantine
from shared.readmodel.protocol import NoMetrics, RunnerMetrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.eventlog.protocol import Reader
    from shared.readmodel.checkpoints import ReadModelCheckpoint
    from shared.readmodel.quarantine import Quarantined
    from shared.readmodel.store import Store


class ReadModelProgress:
    """The checkpoints and quarantines of some read models, as of the last look at them."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        keys: Mapping[str, str],
        metrics: RunnerMetrics | None = None,
    ) -> None:
        """Initialise; `keys` has the name of the checkpoint of each read model."""
        self._log = log
        self._store = store
        self._keys = dict(keys)
        self._metrics = metrics or NoMetrics()
        self._at: dict[str, ReadModelCheckpoint] = {}
        self._recorded = (0, 0)
        self._held_from: dict[str, dict[str, int]] = {}
        """The quarantined subjects of each read model, with their first held positions."""

    @property
    def position(self) -> int:
        """Return the position up to which all read models are folded."""
        return min((checkpoint.position for checkpoint in self._at.values()), default=0)

    def recorded_us(self, position: int) -> int | None:
        """Return the recording time of the event at a position, if it was the last one folded."""
        last, recorded_us = self._recorded
        return recorded_us if last == position else None

    def checkpoint(self) -> LogPosition:
        """Return the log position up to which all read models are folded."""
        least = min(self._at.values(), key=lambda each: each.position)
        return LogPosition(least.position, least.chain)

    def checkpoints(self) -> Mapping[str, ReadModelCheckpoint]:
        """Return the committed checkpoint of each read model."""
        with self._store.reading() as connection:
            found = checkpoints.load(connection)
        return {name: found.get(key, self._at[name]) for name, key in self._keys.items()}

    def quarantined(self) -> Sequence[Quarantined]:
        """Return the quarantined subjects, with their reasons."""
        with self._store.reading() as connection:
            return [q for q in quarantine.load(connection) if q.read_model in self._keys.values()]

    def tell(self) -> None:
        """Report the numbers of quarantined subjects, which operators' decisions may change."""
        with self._store.reading() as connection:
            discarded = quarantine.discarded(connection)
        for name, held_from in self._held_from.items():
            discarded_count = sum((name, subject) in discarded for subject in held_from)
            self._metrics.quarantined(name, len(held_from) - discarded_count, discarded_count)

    def _require_same_log(self) -> None:
        """Raise `LogMismatch` if the log has another history than what is folded."""
        for checkpoint in set(self._at.values()):
            place = self._log.at(checkpoint.position)
            if place is None or place.chain != checkpoint.chain:
                raise LogMismatch(LogPosition(checkpoint.position, checkpoint.chain))

    def _reload(self) -> None:
        with self._store.reading() as connection:
            found = checkpoints.load(connection)
            held_from = quarantine.places(connection, self._keys.values())
        self._take_over(found, held_from)

    def _take_over(
        self,
        found: Mapping[str, ReadModelCheckpoint],
        held_from: Mapping[str, Mapping[str, tuple[int, int]]],
    ) -> None:
        """Take over the checkpoints and quarantined subjects that were read."""
        # A replaced generation keeps its last checkpoint here: it is never folded again.
        self._at |= {name: found[key] for name, key in self._keys.items() if key in found}
        self._held_from = {
            name: {subject: position for subject, (position, _) in held_from[key].items()}
            for name, key in self._keys.items()
        }
        for name, checkpoint in self._at.items():
            self._metrics.read_model_at(name, checkpoint.position, checkpoint.events_handled)
        self.tell()
