"""A Prometheus for tests: it scrapes real metrics at made-up times, and says which alarms fire."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.promql.evaluating import Evaluation, Labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Page = Callable[[], str]

RULES = Path(__file__).resolve().parents[2] / "deploy/prometheus/alerts.yml"
START = 2_000_000_000.0  # in 2033: whatever a test sends with the time of now lies in the past
EVERY_SECONDS = 15.0
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class Alarm:
    """One rule of alerts.yml."""

    name: str
    expression: str
    for_seconds: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@cache
def alarms() -> dict[str, Alarm]:
    """Return the alarms that are shipped, by name."""
    loaded = yaml.safe_load(RULES.read_text("utf-8"))
    return {
        rule["alert"]: Alarm(
            rule["alert"],
            rule["expr"],
            _seconds(rule.get("for", "0s")),
            rule.get("labels", {}),
            rule.get("annotations", {}),
        )
        for group in loaded["groups"]
        for rule in group["rules"]
    }


def page_of(registry: CollectorRegistry) -> Page:
    """Return what a service with this registry answers at /metrics."""
    return lambda: generate_latest(registry).decode()


class Prometheus:
    """Scrapes the pages of services; a page that raises `OSError` is a target that is down."""

    def __init__(self, **pages: Page) -> None:
        self.now = START
        self._pages = pages
        self._series: dict[Labels, list[tuple[float, float | None]]] = defaultdict(list)
        self._live: dict[str, set[Labels]] = defaultdict(set)
        self._moments: list[float] = []

    def seconds(self) -> float:
        """Return the made-up time, for parts that are given a clock in seconds."""
        return self.now

    def microseconds(self) -> int:
        """Return the made-up time, for parts that are given the clock of the ledger."""
        return int(self.now * 1_000_000)

    def watch(self, seconds: float, every: float = EVERY_SECONDS) -> Prometheus:
        """Let made-up time pass, and ask every service for its metrics as it does."""
        for _ in range(max(1, round(seconds / every))):
            self.now += every
            self._moments.append(self.now)
            for service, page in self._pages.items():
                self._scrape(service, page)
        return self

    def firing(self, name: str) -> list[dict[str, str]]:
        """Return for what an alarm fires now: it was so at every look for as long as it says."""
        alarm = alarms()[name]
        evaluation = Evaluation(self._series)
        held: set[Labels] | None = None
        for moment in reversed(self._moments):
            found = set(evaluation.at(alarm.expression, moment))
            held = found if held is None else held & found
            if not held or self.now - moment >= alarm.for_seconds:
                break
        else:
            return []  # not looked at for long enough
        return [_told(alarm, labels) for labels in held]

    def _scrape(self, service: str, page: Page) -> None:
        target = frozenset({("job", "ledger"), ("service", service), ("instance", service)})
        try:
            text = page()
        except OSError:
            text = ""
        up = frozenset({("__name__", "up"), *target})
        self._series[up].append((self.now, 1.0 if text else 0.0))
        seen: set[Labels] = set()
        for line in text.splitlines():
            if line and not line.startswith("#"):
                named, value = _sample(line)
                labels = named | target
                self._series[labels].append((self.now, value))
                seen.add(labels)
        for gone in self._live[service] - seen:
            self._series[gone].append((self.now, None))
        self._live[service] = seen


@cache
def _sample(line: str) -> tuple[Labels, float]:
    """Read one line of a page; most lines stay what they were from one scrape to the next."""
    ((sample,),) = (family.samples for family in text_string_to_metric_families(line + "\n"))
    return frozenset({("__name__", sample.name), *sample.labels.items()}), sample.value


def _told(alarm: Alarm, labels: Labels) -> dict[str, str]:
    """Return the labels of an alarm that fires; its words must find every label they name."""
    named = {label: value for label, value in labels if label != "__name__"}
    wanted = set(re.findall(r"\$labels\.(\w+)", " ".join(alarm.annotations.values())))
    assert wanted <= named.keys(), f"{alarm.name} speaks of {wanted - named.keys()}"
    return named


def _seconds(duration: str) -> int:
    return int(duration[:-1]) * _UNITS[duration[-1]]
