"""The next generation of a read model during a rebuild: it is filled, compared, and catches up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.readmodel import generations
from shared.readmodel.checkpoints import CHECKPOINTS, ReadModelCheckpoint, Retired
from shared.readmodel.rebuild.build import BuildSpec
from shared.readmodel.rebuild.diff import Comparison, ComparisonReport, ComparisonSide
from shared.readmodel.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.readmodel.generations import Pointer
    from shared.readmodel.rebuild.build import Make
    from shared.readmodel.store import Store


class TooFar(Exception):  # noqa: N818  a signal to fold more before trying again
    """The old generation is ahead by more than one run."""


class Outpaced(Exception):  # noqa: N818  a signal to abandon the rebuild
    """The log has no more events although the old generation is ahead, or others interfere."""


class Replacement:
    """A generation of a read model that is to replace the one of the pointer `old`."""

    def __init__(
        self,
        log: Reader,
        make: Make,
        old: Pointer,
        *,
        generation: int,
        clock: Clock,
        run: int,
        accept: Sequence[str],
    ) -> None:
        self.old = old
        self.new = BuildSpec(make, generation)
        self.model = self.new.model()
        self.key = generations.key_of(old.name, generation)
        self.findings = ComparisonReport(accept)
        self.compared_to = 0
        self._log = log
        self._clock = clock
        self._run = run
        self._runner: Runner | None = None

    @property
    def name(self) -> str:
        """Return the name of the read model."""
        return self.old.name

    def on(self, store: Store, key: str | None = None) -> Replacement:
        """Attach to a database, to continue from its checkpoint there (`key`, if not its own)."""
        self.model.forget()
        self._runner = Runner(
            self._log,
            store,
            [self.model],
            clock=self._clock,
            run=self._run,
            keys={self.name: key or self.key},
        )
        self._runner.start()
        return self

    def advance_to(self, target: Callable[[], int], *, fully: bool = False) -> None:
        """Fold runs until less than one is missing (`fully`: until none is)."""
        while (missing := target() - self.runner.position) >= (1 if fully else self._run):
            if not self.runner.step(missing):
                raise Outpaced

    def catch_up(self, connection: Connection, at: ReadModelCheckpoint) -> None:
        """Fold in this transaction up to a checkpoint that is locked in it."""
        if at.position - self.runner.position > self._run:
            raise TooFar
        self.runner.follow(connection, at.position)
        if self.runner.checkpoint() != LogPosition(at.position, at.chain):
            raise LogMismatch(LogPosition(at.position, at.chain))

    def compare(
        self, connection: Connection, schema: str | None, on_progress: Callable[[int], None]
    ) -> None:
        """Compare both generations whole, at the same position."""
        self.compared_to = self.runner.position
        self._comparison(connection, schema).whole(self.compared_to, on_progress)

    def compare_rest(self, connection: Connection) -> None:
        """Compare the changes since `compare`."""
        self._comparison(connection, None).rest(self.compared_to, self.runner.position)

    @property
    def runner(self) -> Runner:
        """Return the runner of this generation."""
        assert self._runner is not None  # noqa: S101  `on` was called
        return self._runner

    def _comparison(self, connection: Connection, schema: str | None) -> Comparison:
        before = ComparisonSide(self.new.make(self.old.generation), self.old.generation, schema)
        after = ComparisonSide(self.model, self.new.generation)
        return Comparison(connection, before, after, self.findings)


def stands(connection: Connection, key: str, schema: str | None = None) -> ReadModelCheckpoint:
    """Return a checkpoint as this connection sees it; raises `Retired` if there is none."""
    query = select(CHECKPOINTS).where(CHECKPOINTS.c.name == key)
    options = {"schema_translate_map": {None: schema}}
    row = connection.execute(query, execution_options=options).first()
    if row is None:
        raise Retired(key)
    return ReadModelCheckpoint(row.position, bytes(row.chain), row.events_handled)
