"""A read model is filled anew beside the one that answers, compared with it, and takes its place.

Reads and appends go on: every transaction is short, and only the swap holds the old checkpoint.
What fails leaves the old where it stands; what a killed rebuild left is dropped by the next one.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.errors import LedgerError, Problem, declare
from shared.eventlog.following import Checkpoint as Place
from shared.eventlog.following import ForeignLog
from shared.readmodel import checkpoints, generations
from shared.readmodel.checkpoints import Retired, kept
from shared.readmodel.comparing import Comparison, Findings, Side
from shared.readmodel.runner import RUN, Poison, Runner
from shared.readmodel.store import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.readmodel.checkpoints import Checkpoint
    from shared.readmodel.generations import Pointer
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.store import Store

    Told = Callable[["Stage", int, int], None]

UNDER_WAY = declare(
    "rebuild_under_way",
    409,
    vi="Một lần dựng lại bảng tổng hợp khác đang chạy trên cơ sở dữ liệu này. Hãy đợi nó xong.",
    en="Another rebuild runs on this database. Wait until it is done.",
)
DIFFERS = declare(
    "rebuild_differs",
    409,
    vi="Bảng {read_model} dựng lại khác bảng đang dùng ở {count} chỗ chưa được chấp nhận, tại vị "
    "trí {position}. Bảng đang dùng được giữ nguyên. Nếu khác biệt là đúng ý, hãy nêu tên nó: "
    "--accept '{example}'.",
    en="The rebuilt {read_model} differs from the one that answers in {count} places that nobody "
    "has accepted, at position {position}. The one that answers stays. If a difference is meant, "
    "name it: --accept '{example}'.",
)
NEVER_FILLED = declare(
    "read_model_never_filled",
    409,
    vi="Bảng {read_model} chưa từng được lập trong cơ sở dữ liệu này: hãy khởi động sổ, nó tự lập.",
    en="The read model {read_model} was never filled in this database: start the ledger, it fills "
    "it by itself.",
)
NOTHING_KEPT = declare(
    "nothing_to_roll_back",
    409,
    vi="Không có bản trước của bảng {read_model} để quay lại.",
    en="There is no earlier fill of the read model {read_model} to go back to.",
)
OUTPACED = declare(
    "rebuild_outpaced",
    503,
    vi="Việc dựng lại bảng {read_model} không theo kịp hoặc bị tiến trình khác chen vào, nên đã "
    "dừng. Bảng đang dùng được giữ nguyên; hãy chạy lại lệnh.",
    en="The rebuild of {read_model} could not catch up, or another process interfered, and was "
    "abandoned. The one that answers stays; run the command again.",
)
_TRIES = 20


class Stage(StrEnum):
    """What a rebuild has come to; the next thing begins when it is told."""

    BEGUN = "begun"
    FILLING = "filling"
    FILLED = "filled"
    COMPARING = "comparing"
    COMPARED = "compared"
    SWAPPING = "swapping"
    """All is done but the commit."""
    SWAPPED = "swapped"


@dataclass(frozen=True)
class Rebuilt:
    """What was done: the pointer before and after, the position, and what was found."""

    old: Pointer
    new: Pointer
    position: int
    findings: Findings
    fill_seconds: float = 0.0
    compare_seconds: float = 0.0
    swap_seconds: float = 0.0


class Differs(LedgerError):  # noqa: N818  a family of refusals, as in shared.errors
    """The new fill is otherwise in ways that nobody has accepted."""

    def __init__(self, read_model: str, position: int, findings: Findings) -> None:
        self.position = position
        self.findings = findings
        params = {
            "read_model": read_model,
            "count": findings.unaccepted_total,
            "position": position,
            "example": findings.unaccepted[0].name,
        }
        super().__init__(Problem(DIFFERS, params))


class Rebuild:
    """Rebuilds one read model; `make` returns it on the tables of a generation."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        make: Callable[[int], ReadModel],
        *,
        clock: Clock,
        accept: Sequence[str] = (),
        told: Told | None = None,
        run: int = RUN,
    ) -> None:
        self._log = log
        self._store = store
        self._make = make
        self._clock = clock
        self._accept = accept
        self._told = told or (lambda _stage, _done, _of: None)
        self._run = run
        self._name = make(generations.FIRST).name

    def rebuild(self) -> Rebuilt:
        """Fill the next generation, compare it, and let it answer from now on.

        Raises `Differs` for differences that were not accepted; whatever is raised, the read model
        answers as before and the new tables are gone.
        """
        with self._alone():
            old = self._pointer()
            generations.clean(self._store, old)
            try:
                return self._filled_and_swapped(old)
            except BaseException:
                generations.clean(self._store, self._pointer())
                raise

    def roll_back(self) -> Rebuilt:
        """Let the generation answer again that the last rebuild replaced.

        It stood still since. One of this version is brought to the same position first; one of
        another version goes on from where it stood when its own release folds it.
        """
        with self._alone():
            old = self._pointer()
            number, version = old.kept_generation, old.kept_version
            if number is None or version is None:
                raise LedgerError(Problem(NOTHING_KEPT, {"read_model": self._name}))
            model = self._make(number)
            key = kept(generations.key_of(self._name, number))
            follower = None
            if version == model.version:
                follower = self._follower(model, key)
                self._fill(follower, old)
            with self._store.writing() as connection:
                at = checkpoints.held(connection, old.key)
                if follower is not None:
                    self._catch_up(follower, connection, at)
                    position = at.position
                else:
                    position = checkpoints.held(connection, key).position
                new = generations.swap(connection, old, number, version)
                self._told(Stage.SWAPPING, position, position)
            return Rebuilt(old, new, position, Findings())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with self._store.alone("rebuild"):
                yield
        except Busy:
            raise LedgerError(Problem(UNDER_WAY)) from None
        except Retired:
            raise self._outpaced() from None

    def _pointer(self) -> Pointer:
        self._store.create(checkpoints.METADATA)
        with self._store.writing() as connection:
            generations.enter(connection, [self._make(generations.FIRST)])
            pointer = generations.load(connection)[self._name]
            if pointer.key not in checkpoints.load(connection):
                raise LedgerError(Problem(NEVER_FILLED, {"read_model": self._name}))
        return pointer

    def _filled_and_swapped(self, old: Pointer) -> Rebuilt:
        findings = Findings(self._accept)
        new = self._make(old.next)
        sides = Side(self._make(old.generation), old.generation), Side(new, old.next)
        started = time.perf_counter()
        filler = self._follower(new, generations.key_of(self._name, old.next))
        self._told(Stage.BEGUN, 0, self._position(old))
        self._fill(filler, old)
        filled = time.perf_counter()
        compared_to = filler.position
        self._told(Stage.FILLED, compared_to, compared_to)
        with self._store.snapshot() as connection:
            Comparison(connection, *sides, findings).whole(
                compared_to, lambda keys: self._told(Stage.COMPARING, keys, 0)
            )
        self._require_accepted(compared_to, findings)
        self._told(Stage.COMPARED, findings.keys, findings.keys)
        compared = time.perf_counter()
        pointer, position = self._swap(old, sides, filler, compared_to, findings)
        swapped = time.perf_counter()
        self._told(Stage.SWAPPED, position, position)
        return Rebuilt(
            old,
            pointer,
            position,
            findings,
            filled - started,
            compared - filled,
            swapped - compared,
        )

    def _fill(self, filler: Runner, old: Pointer) -> None:
        """Fold runs of the log until less than one of them is missing, never past the old fill."""
        target = self._position(old)
        while True:
            while filler.position < target:
                if not filler.step(target - filler.position):
                    raise self._outpaced()
                self._told(Stage.FILLING, filler.position, target)
            target = self._position(old)
            if target - filler.position < self._run:
                return

    def _swap(
        self,
        old: Pointer,
        sides: tuple[Side, Side],
        filler: Runner,
        compared_to: int,
        findings: Findings,
    ) -> tuple[Pointer, int]:
        """Bring the new to where the old stands, compare the rest, and move the pointer.

        One transaction; the old cannot move in it. An event that cannot be folded is set aside
        first, and then it is tried again.
        """
        new = sides[1]
        for _ in range(_TRIES):
            try:
                with self._store.writing() as connection:
                    at = checkpoints.held(connection, old.key)
                    self._catch_up(filler, connection, at)
                    Comparison(connection, *sides, findings).rest(compared_to, at.position)
                    self._require_accepted(at.position, findings)
                    number, version = new.generation, new.model.version
                    pointer = generations.swap(connection, old, number, version)
                    self._told(Stage.SWAPPING, at.position, at.position)
            except (Poison, _TooFar):
                filler = self._follower(new.model, new.key)
                self._fill(filler, old)
                filler.step(self._position(old) - filler.position)
            else:
                return pointer, at.position
        raise self._outpaced()

    def _catch_up(self, follower: Runner, connection: Connection, at: Checkpoint) -> None:
        """Fold what is missing up to the old checkpoint, which this transaction holds."""
        if at.position - follower.position > self._run:
            raise _TooFar
        follower.follow(connection, at.position)
        if follower.checkpoint() != Place(at.position, at.chain):
            raise ForeignLog(Place(at.position, at.chain))

    def _follower(self, model: ReadModel, key: str) -> Runner:
        model.forget()
        keys = {self._name: key}
        runner = Runner(
            self._log, self._store, [model], clock=self._clock, run=self._run, keys=keys
        )
        runner.start()
        return runner

    def _position(self, pointer: Pointer) -> int:
        with self._store.reading() as connection:
            found = checkpoints.load(connection).get(pointer.key)
        if found is None:
            raise Retired(pointer.key)
        return found.position

    def _require_accepted(self, position: int, findings: Findings) -> None:
        if findings.unaccepted_total:
            raise Differs(self._name, position, findings)

    def _outpaced(self) -> LedgerError:
        return LedgerError(Problem(OUTPACED, {"read_model": self._name}))


class _TooFar(Exception):  # noqa: N818  a signal within this module
    """The old has gone on by more than one run since."""
