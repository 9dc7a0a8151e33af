"""A metric that stands still passes every test: here each one that is documented is seen to move.

The pages are those of real parts, read before and after things really happened.
"""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection

from services.reporting.readmodels.catalog import Catalog
from shared.bus.streams import EVENTS
from shared.readmodel.decoded_events import DecodedEvent
from shared.readmodel.protocol import ReadModel
from shared.readmodel.rebuild.rebuild import Rebuild
from shared.readmodel.rebuild.requeue import Quarantine
from tests.support.alarm_scenarios import Alarmed, broken_event
from tests.support.cloudevents import country, unit
from tests.support.folded_models import Projected
from tests.support.intake_scenario import STREAM, Scenario, opened, sent
from tests.support.prometheus import page_of
from tests.support.redis_server import RedisServer
from tests.support.relay_scenario import Carried

pytestmark = pytest.mark.redis
DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"


class Moved:
    """Collects the metrics whose series changed between one reading of a page and the next."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._last: dict[Callable[[], str], dict[tuple[str, str], float]] = {}

    def read(self, page: Callable[[], str]) -> None:
        """Read a page; what differs from its last reading has moved."""
        found = {
            (sample.name, str(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(page())
            for sample in family.samples
            if not sample.name.endswith("_created") and not math.isnan(sample.value)
        }
        before = self._last.get(page, found)
        # A series that was not there counts from zero; a gauge without one moves when it changes.
        self.names |= {
            re.sub(r"_(?:bucket|sum|count)$", "", key[0])
            for key, value in found.items()
            if value != before.get(key, 0 if key[0].endswith(("_total", "_count")) else value)
        }
        self._last[page] = found


def test_every_documented_metric_is_moved_by_what_really_happens(
    service: Alarmed, own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Moved()
    _write(service, moved)
    _carry(Carried(own_redis), moved)
    _take_in(Scenario(own_redis.client()), moved)
    (tmp_path / "reporting").mkdir()
    _project(Projected(tmp_path / "reporting"), moved, monkeypatch)
    documented = set(re.findall(r"^\| `(dvk_\w+)`", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    # These are moved by the tests of their alarms: RedisGone, LogRestored, DiskNearlyFull,
    # StreamsInQuarantine, DecisionFaults, PublisherSwitchedOff, IntakeStuck, SealBehind,
    # SealContradicted, WitnessesSilent, ApprovalForgotten, OriginStopped, FollowerBehind.
    elsewhere = {
        "dvk_redis_connected",
        "dvk_intake_users_off",
        "dvk_intake_stuck_seconds",
        "dvk_log_restored",
        "dvk_disk_free_bytes",
        "dvk_quarantined_streams",
        "dvk_decision_faults_total",
        "dvk_sealed_position",
        "dvk_seal_contradicted",
        "dvk_unwitnessed_seconds",
        "dvk_replica_behind_seconds",
        "dvk_approval_oldest_seconds",
        "dvk_origins_stopped",
    }
    assert documented - moved.names - elsewhere == set()


def _write(service: Alarmed, moved: Moved) -> None:
    """Every outcome of an event, a queue, a wait for the lock, a clock that was ahead, errors."""
    moved.read(service.page)
    service.append(country(), country(), unit("b", "a"))
    service.send([broken_event()])
    service.appender.submit([unit("c")])
    moved.read(service.page)
    service.appender.step()
    service.prometheus.now += 60
    moved.read(service.page)
    service.append(unit("a"))
    service.prometheus.now -= 30
    waiting = service.appender.lock_wait.until(_Slow(service))
    with waiting:
        moved.read(service.page)


class _Slow:
    """A session that is entered half a made-up second late."""

    def __init__(self, service: Alarmed) -> None:
        self._service = service

    def __enter__(self) -> None:
        self._service.prometheus.now += 0.5

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""


def _carry(carried: Carried, moved: Moved) -> None:
    """A relay that sends, and a stream that is trimmed under its reader."""
    page = page_of(carried.metrics.registry)
    moved.read(page)
    carried.grow(10)
    carried.carry()
    carried.client.xtrim(EVENTS, maxlen=3, approximate=False)
    carried.take(after=0)
    moved.read(page)
    carried.client.close()


def _take_in(desk: Scenario, moved: Moved) -> None:
    """An entry of the intake stream, with its receipt."""
    desk.metrics.ask_intake(desk.intake.waiting)
    page = page_of(desk.metrics.registry)
    moved.read(page)
    desk.redis.xadd(STREAM, {"event": sent(opened("vn", None, level="country"))})
    moved.read(page)
    desk.intake.step()
    moved.read(page)
    desk.redis.close()


def _project(projected: Projected, moved: Moved, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events folded, one of them poison, and a fill that takes the place of another."""
    projected.history.given(country())
    projected.fold()
    moved.read(projected.page)
    registrations = _model("registrations")(1)
    fold = type(registrations).fold

    def poisoned(self: ReadModel, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        if any(fact.position == 3 for fact in facts):
            raise ZeroDivisionError
        fold(self, facts, connection)  # type: ignore[arg-type]

    with monkeypatch.context() as faulty:
        faulty.setattr(type(registrations), "fold", poisoned)
        projected.register(1, 2)
        projected.fold()
    moved.read(projected.page)
    quarantine = Quarantine(projected.store, "registrations")
    quarantine.discard("registration/r-2", "thử", projected.prometheus.microseconds())
    projected.register(3)
    projected.fold()
    moved.read(projected.page)
    rebuild = Rebuild(
        projected.log, projected.store, [_model("plans")], clock=projected.prometheus.microseconds
    )
    rebuild.rebuild()
    projected.fold()
    moved.read(projected.page)
    projected.stop()


def _model(name: str) -> Callable[[int], ReadModel]:
    def make(generation: int) -> ReadModel:
        return next(m for m in Catalog.of({name: generation}).all() if m.name == name)

    return make
