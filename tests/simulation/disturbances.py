"""What happens to Redis and to the clock, now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from shared.clock import MICROSECONDS
from tests.simulation import fault_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import Simulation

MONTH_US = 31 * 86_400 * MICROSECONDS


def disturb(world: Simulation) -> None:
    """Let one thing happen, and take note of it."""
    name = world.random.choice(DISTURBANCES)(world)
    if name is not None:
        world.hits[name] += 1
        world.note(name)


def goes_away(world: Simulation) -> None:
    world.server.away = True
    world.note("Redis is away")


def keeps_a_copy(world: Simulation) -> None:
    world.kept = world.server.copy()


def is_set_back(world: Simulation) -> str:
    world.server.set_back(world.kept)
    return fault_points.REDIS_SET_BACK


def is_emptied(world: Simulation) -> str:
    world.server.empty()
    return fault_points.REDIS_EMPTIED


def is_trimmed(world: Simulation) -> str | None:
    return _by_hand(
        world, fault_points.REDIS_TRIMMED, lambda: world.redis.xtrim("dvk:events", maxlen=2)
    )


def has_a_stranger(world: Simulation) -> str | None:
    """Write as redis-cli does: under a time, or where the next position would stand."""
    wanted = world.random.choice(["*", f"{world.random.randrange(1, 40)}-0"])
    add = world.redis.xadd
    return _by_hand(
        world, fault_points.STRANGER, lambda: add("dvk:events", {"event": b"{}"}, id=wanted)
    )


def has_a_broken_entry(world: Simulation) -> str | None:
    stream = f"dvk:intake:{world.random.choice(['registry', 'evaluation', 'reporting'])}"
    fields = world.random.choice([{"event": b"\xff{"}, {"event": b"{}"}, {"other": b"x"}])
    return _by_hand(world, fault_points.BROKEN_ENTRY, lambda: world.redis.xadd(stream, fields))


def _by_hand(world: Simulation, name: str, act: Callable[[], object]) -> str | None:
    try:
        act()
    except RedisError:
        return None
    return name


def time_passes(world: Simulation) -> None:
    world.now_us += world.random.choice([2, 70, 4_000]) * MICROSECONDS


def a_month_passes(world: Simulation) -> str | None:
    # Refusals are forgotten after 90 days: then nobody could tell them from what was lost.
    if world.now_us - world.began_us > MONTH_US * 3 // 2:
        return time_passes(world)
    world.now_us += MONTH_US
    return fault_points.EXPIRED


DISTURBANCES: tuple[Callable[[Simulation], str | None], ...] = (
    *[goes_away] * 2,
    *[keeps_a_copy] * 2,
    *[is_set_back] * 2,
    is_emptied,
    is_trimmed,
    has_a_stranger,
    *[has_a_broken_entry] * 2,
    *[time_passes] * 3,
    a_month_passes,
)
