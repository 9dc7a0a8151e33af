"""Each metric moves when it should, and docs/metrics.md lists exactly those that there are."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest

from shared.appending.appender import Appender
from shared.appending.decider import Decision, QuarantinedStream
from shared.events.envelope import ReceivedEvent
from shared.telemetry.metrics import Measured, Metrics
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.memory_log import MemoryEventLog
from tests.support.small_rules import FewRules

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
LISTED = re.compile(r"^\| `(dvk_\w+)` \| (counter|gauge|histogram)", re.MULTILINE)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_the_document_lists_exactly_the_metrics_that_there_are(metrics: Metrics) -> None:
    listed = dict(LISTED.findall(DOCUMENT.read_text("utf-8")))
    there_are = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in metrics.registry.collect()
    }
    assert listed == there_are


def test_two_services_in_one_process_keep_their_metrics_apart(metrics: Metrics) -> None:
    other = Metrics(CollectorRegistry())
    metrics.log_at(7)
    assert value(other, "dvk_log_head_position") == 0


def test_a_group_of_the_appender_moves_the_metrics_of_the_log(metrics: Metrics) -> None:
    log = MemoryEventLog().as_family(Family.REGISTRY)
    appender = Appender(log, FewRules())
    appender.hooks.after_commit.append(metrics.group_committed)
    metrics.ask(parked=log.count_parked, queued=lambda: appender.waiting)
    first = country()
    appender.submit([first, first, unit("u1"), unit("u1", "vn"), unit("u2", "u3")])
    assert value(metrics, "dvk_append_queue_events") == 5
    appender.step()
    decided = {
        outcome: value(metrics, "dvk_events_decided_total", outcome=outcome)
        for outcome in ("accepted", "duplicate", "parked", "refused")
    }
    assert decided == {"accepted": 2, "duplicate": 1, "parked": 1, "refused": 1}
    assert value(metrics, "dvk_log_head_position") == 2
    assert value(metrics, "dvk_log_events_stored") == 2
    assert value(metrics, "dvk_parked_events") == 1
    assert value(metrics, "dvk_append_queue_events") == 0
    assert value(metrics, "dvk_append_seconds_count") == 1
    assert value(metrics, "dvk_append_group_events_sum") == 5
    appender.submit([unit("u3")])
    appender.step()
    assert value(metrics, "dvk_parked_settled_total", outcome="accepted") == 1
    assert value(metrics, "dvk_parked_events") == 0


def test_what_our_own_code_failed_on_is_counted(metrics: Metrics) -> None:
    class Breaking(FewRules):
        def decide(self, event: ReceivedEvent, recorded_us: int) -> Decision:
            if event.subject == "unit/poison":
                raise ZeroDivisionError
            return super().decide(event, recorded_us)

        def held(self) -> Sequence[QuarantinedStream]:
            return (QuarantinedStream("unit/x", 3, "dvk.UnitOpened.v1", "ValueError: …"),)

    appender = Appender(MemoryEventLog().as_family(Family.REGISTRY), Breaking())
    appender.hooks.after_commit.append(metrics.group_committed)
    appender.hooks.after_fault.append(metrics.fault)
    metrics.ask(parked=int, queued=int, held=lambda: len(appender.quarantine))
    appender.submit([country(), unit("poison"), unit("u1")])
    appender.step()
    assert value(metrics, "dvk_decision_faults_total") == 1
    assert value(metrics, "dvk_events_decided_total", outcome="accepted") == 2
    assert value(metrics, "dvk_quarantined_streams") == 1


def test_a_number_that_cannot_be_asked_for_hides_no_other(metrics: Metrics) -> None:
    def gone() -> int:
        raise OSError("the database is gone")

    metrics.ask(parked=gone, queued=lambda: 3)
    assert math.isnan(value(metrics, "dvk_parked_events") or 0)
    assert b"dvk_append_queue_events 3.0" in generate_latest(metrics.registry)


def test_what_the_bus_tells_is_counted(metrics: Metrics) -> None:
    metrics.relayed(41)
    metrics.redis_connected(True)
    metrics.hole()
    metrics.intake(3, 7, 2)
    metrics.invalid("http")
    metrics.ask_intake(lambda: 5)
    assert value(metrics, "dvk_intake_waiting_entries") == 5
    assert value(metrics, "dvk_relay_position") == 41
    assert value(metrics, "dvk_redis_connected") == 1
    assert value(metrics, "dvk_stream_holes_total") == 1
    assert value(metrics, "dvk_intake_entries_total") == 3
    assert value(metrics, "dvk_receipts_total") == 7
    assert value(metrics, "dvk_events_invalid_total", face="intake") == 2
    assert value(metrics, "dvk_events_invalid_total", face="http") == 1
    metrics.redis_connected(False)
    assert value(metrics, "dvk_redis_connected") == 0


def test_what_the_read_models_tell_is_shown_for_each(metrics: Metrics) -> None:
    metrics.read_model_at("awards", 12, 10)
    metrics.quarantined("awards", 2, 1)
    metrics.read_models_folded(500, 0.02)
    assert value(metrics, "dvk_read_model_position", read_model="awards") == 12
    assert value(metrics, "dvk_read_model_events_projected", read_model="awards") == 10
    assert value(metrics, "dvk_quarantined_subjects", read_model="awards") == 2
    assert value(metrics, "dvk_discarded_subjects", read_model="awards") == 1
    assert value(metrics, "dvk_projection_group_events_sum") == 500
    assert value(metrics, "dvk_projection_seconds_count") == 1


async def test_answers_are_counted_by_route_and_never_by_address(metrics: Metrics) -> None:
    app = FastAPI()

    @app.get("/models/{model_id}")
    def model(model_id: str) -> str:
        if model_id == "broken":
            raise ZeroDivisionError
        return model_id

    app.add_middleware(Measured, metrics=metrics)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
        for path in ("/models/a", "/models/b", "/models/broken", "/nothing/here", "/nor/there"):
            await client.get(path)
        await client.request("SCAN", "/models/a")
    route = "/models/{model_id}"
    counted = {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for family in metrics.registry.collect()
        for s in family.samples
        if s.name == "dvk_http_requests_total"
    }
    assert counted == {
        ("GET", route, "200"): 2,
        ("GET", route, "500"): 1,
        ("GET", "(none)", "404"): 2,
        ("(other)", route, "405"): 1,
    }
    assert value(metrics, "dvk_http_request_seconds_count", method="GET", route=route) == 3
