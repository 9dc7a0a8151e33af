"""The end of every history: all faults are taken away, and everything must come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.clock import MICROSECONDS

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

ROUNDS = 60
"""So many rounds of all steps are enough to come to rest, or the ledger is stuck."""


def come_to_rest(world: Simulation) -> None:
    """Take all faults away, and let everybody act until nothing moves any more."""
    world.calm, world.server.away = True, False
    world.note("all faults are taken away")
    before = None
    for _ in range(ROUNDS):
        world.turn += 1
        world.now_us += MICROSECONDS
        _round(world)
        now = _state(world)
        if now == before and not any(publisher.unanswered for publisher in world.publishers):
            return
        before = now
    waiting = [note.said.key for p in world.publishers for note in p.unanswered]
    world.find(f"after {ROUNDS} rounds it is not at rest; without an answer: {waiting}")


def _round(world: Simulation) -> None:
    for publisher in world.publishers:
        publisher.collect(world.turn, world.redis)
        world.explain(publisher)
        for note in publisher.unanswered:
            last = note.sent[-1][0] if note.sent else -1
            if last < world.turns or world.turn - last > 5:
                publisher.send_over_stream(world.turn, [note], world.redis)
    for actor in world.actors:
        if actor.process is None:
            world.start(actor)
        for what in list(actor.process.steps if actor.process else ()):
            world.step_of(actor, what)


def _state(world: Simulation) -> tuple[object, ...]:
    """Return what would change if anything moved."""
    processes = [actor.process for actor in world.actors if actor.process is not None]
    if not processes:
        return ()
    return (
        processes[0].log.head().position,
        [process.log.count_parked() for process in processes],
        [p.projection.position for p in processes if p.projection is not None],
        len(world.server.journal),
    )
