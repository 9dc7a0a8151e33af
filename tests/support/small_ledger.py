"""The three services over one small real ledger, running on a loop of their own, to be fuzzed."""

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from services.evaluation import app as evaluation_app
from services.registry import app as registry_app
from services.reporting import app as reporting_app
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, recognition, registration
from tests.support.http_clients import BATCHED

DECISION = {"kind": "quyết định", "number": "01-QĐ/TU", "signed_on": "2022-12-01"}
OPENED = "2004-01-01"
Told = tuple[str, dict[str, Any]]


def _unit(unit_id: str, parent_id: str, level: str) -> Told:
    unit = {"unit_id": unit_id, "name": f"Xã Bình Văn {unit_id}", "level": level}
    codes = [{"scheme": "gso", "code": unit_id}]
    return "UnitOpened", {**unit, "parent_id": parent_id, "codes": codes, "occurred_on": OPENED}


REGISTERED: list[Told] = [
    ("UnitOpened", {**COUNTRY, "occurred_on": OPENED}),
    _unit("t-1", "vn", "province"),
    _unit("x-1", "t-1", "commune"),
    _unit("x-2", "t-1", "commune"),
    (
        "OrganizationDefined",
        {"org_id": "o-1", "name": "Đảng ủy xã", "kind": "đảng ủy", "unit_id": "x-1"},
    ),
    (
        "TaxonomyPublished",
        {
            "taxonomy": "field",
            "jurisdiction_unit_id": "vn",
            "version": "1",
            "valid_from": OPENED,
            "entries": [{"code": "economy", "name": "Kinh tế", "order": 1}],
        },
    ),
    (
        "PlanIssued",
        {
            "org_id": "o-1",
            "plan_year": 2022,
            "unit_id": "x-1",
            "document": {"kind": "kế hoạch"},
        },
    ),
    *(("ModelRegistered", registration(str(n), f"x-{1 + n % 2}")) for n in range(1, 8)),
    (
        "OutcomeReported",
        {
            "outcome_id": "k-1",
            "registration_id": "r-1",
            "metric": "land_donated_m2",
            "value": 12.5,
            "qualifier": "exact",
            "nature": "flow",
            "interval": {"from": "2022-01-01", "to": "2022-12-31"},
        },
    ),
    ("RegistrationWithdrawn", {"registration_id": "r-7", "reason": "Không triển khai"}),
    ("RegistrationWithdrawn", {"registration_id": "r-7", "reason": "Hai lần: bị từ chối"}),
    ("ModelRegistered", registration("8", "x-9")),  # waits for x-9
    (
        "UnitsReorganized",
        {
            "reorganization_id": "s-1",
            "occurred_on": "2025-07-01",
            "sources": ["x-1", "x-2"],
            "targets": [
                {
                    "unit_id": "x-3",
                    "from": [{"unit_id": each, "share": "whole"} for each in ("x-1", "x-2")],
                }
            ],
            "opens": [
                {
                    "unit_id": "x-3",
                    "name": "Xã Bình Văn mới",
                    "level": "commune",
                    "parent_id": "t-1",
                    "codes": [],
                }
            ],
        },
    ),
]
EVALUATED: list[Told] = [
    ("EligibilityAssessed", {"registration_id": "r-1", "eligible": True}),
    ("ModelRecognized", recognition("1")),
    (
        "AwardGranted",
        {
            "award_id": "a-1",
            "award_form": "giay_khen",
            "grantor_org_id": "o-1",
            "unit_id": "x-1",
            "plan_year": 2022,
            "recipient": {"kind": "collective", "org_id": "o-1"},
            "basis": {"kind": "model", "registration_ids": ["r-1"]},
            "decision": DECISION,
        },
    ),
    (
        "InspectionConducted",
        {"inspection_id": "i-1", "plan_year": 2022, "unit_id": "t-1", "scopes": ["DVK"]},
    ),
]
REPORTED: list[Told] = [
    (
        "FigureAsserted",
        {
            "figure_id": "f-1",
            "metric": "registered",
            "unit_id": "t-1",
            "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
            "value": 6,
            "qualifier": "more_than",
            "source": {"kind": "báo cáo", "title": "Báo cáo năm 2022"},
        },
    )
]
TOLD = {
    Family.REGISTRY: REGISTERED,
    Family.EVALUATION: EVALUATED,
    Family.REPORTING: REPORTED,
}

KNOWN: Mapping[str, tuple[str, ...]] = {
    "unit_id": ("vn", "t-1", "x-1", "x-3", "x-9"),
    "unit": ("vn", "t-1", "x-1", "x-3", ""),
    "parent_id": ("vn", "t-1"),
    "jurisdiction_unit_id": ("vn", "t-1"),
    "model_id": ("m-1", "m-7", "m-9"),
    "model": ("m-1", "m-7", "m-9"),
    "source": ("/publishers/test", "/publishers/x"),
    "year": ("2022", "2021", "1900", "2999"),
    "programme": ("dan_van_kheo", "x"),
    "measure": ("registered", "recognized", "awards_granted", "inspected_units", "x"),
    "by": ("unit", "field", "tier,level", "award_form", "unit,field", "recipient_kind,unit"),
    "field": ("economy", ""),
    "tier": ("recognized", ""),
    "award_form": ("giay_khen", ""),
    "scheme": ("gso",),
    "code": ("x-1",),
    "q": ("binh van", "Bình Văn", "x"),
}
"""Values of parameters that mean something in this ledger, so that not everything is 404."""


class SmallLedger:
    """The applications by family, asked from outside their loop."""

    def __init__(self, apps: Mapping[Family, FastAPI], loop: asyncio.AbstractEventLoop) -> None:
        self.apps = apps
        self.loop = loop
        self._clients = {
            family: httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://test",
            )
            for family, app in apps.items()
        }

    def ask(self, family: Family, method: str, address: str, **options: Any) -> httpx.Response:
        """Send a request as httpx does, and return its answer."""
        asked = self._clients[family].request(method, address, **options)
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result()

    def head(self) -> int:
        """Return the position of the last event."""
        found: int = self.ask(Family.REPORTING, "GET", "/completeness").json()["log"]["head"]
        return found

    def publish(self, history: Iterable[Mapping[str, Any]]) -> None:
        """Publish events of the registry, all of which must be accepted."""
        events = list(history)
        for start in range(0, len(events), 500):
            content = json.dumps(events[start : start + 500])
            answer = self.ask(Family.REGISTRY, "POST", "/events", content=content, headers=BATCHED)
            assert {item["status"] for item in answer.json()["items"]} == {"accepted"}, answer.text

    def tell(self) -> None:
        """Publish the history; the events that must wait or be refused are part of it."""
        for family, told in TOLD.items():
            events = [cloudevent(name, data) for name, data in told]
            content = json.dumps(events)
            answer = self.ask(family, "POST", "/events", content=content, headers=BATCHED)
            assert answer.status_code == 200, answer.text
            assert "invalid" not in {item["status"] for item in answer.json()["items"]}, answer.text
        head = self.head()
        address = f"/summaries/national?year=2022&known_at={head}"
        answer = self.ask(Family.REPORTING, "GET", address)
        assert answer.json()["measures"]["registered"] == 6, answer.text


@contextmanager
def small_ledger(
    home: Path, history: Iterable[Mapping[str, Any]] | None = None, **environment: str
) -> Iterator[SmallLedger]:
    """Run the three services on one log, with a history told; `history` are other CloudEvents."""
    settings = Settings.from_environment({"DVK_HOME": str(home), **environment})
    with loop_in_a_thread() as loop:
        stack = AsyncExitStack()
        ledger = asyncio.run_coroutine_threadsafe(_started(stack, settings, loop), loop).result()
        try:
            if history is None:
                ledger.tell()
            else:
                ledger.publish(history)
            yield ledger
        finally:
            asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()


async def _started(
    stack: AsyncExitStack, settings: Settings, loop: asyncio.AbstractEventLoop
) -> SmallLedger:
    logs = {family: open_log(settings.log_url, family=family) for family in Family}
    store = Store(settings.reporting_url)
    apps = {
        Family.REGISTRY: registry_app.compose(settings, logs[Family.REGISTRY]),
        Family.EVALUATION: evaluation_app.compose(settings, logs[Family.EVALUATION]),
        Family.REPORTING: reporting_app.compose(settings, logs[Family.REPORTING], store),
    }
    for log in logs.values():
        stack.callback(log.close)
    stack.callback(store.close)
    for app in apps.values():
        await stack.enter_async_context(app.router.lifespan_context(app))
    return SmallLedger(apps, loop)


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop of its own, and close it at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
