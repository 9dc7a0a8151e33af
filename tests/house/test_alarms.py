"""Every alarm is whole: its metrics exist, a test triggers it, a panel shows it, the runbook helps."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from shared.telemetry.metrics import Metrics
from tests.support.prometheus import Alarm, alarms
from tests.support.promql.reading import Aggregate, Binary, Call, Expression, Selector, read

ALARMS = alarms()
TESTS = "tests/integration/alarms"
SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
VIETNAMESE = re.compile(
    r"[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữự]", re.IGNORECASE
)


def metrics_of(tree: Expression) -> set[str]:
    """Return the names of the metrics that an expression asks for."""
    match tree:
        case Selector(name):
            return {name}
        case Call(_, arguments):
            return set().union(*map(metrics_of, arguments))
        case Aggregate(_, _, of):
            return metrics_of(of)
        case Binary(_, left, right):
            return metrics_of(left) | metrics_of(right)
    return set()


@pytest.fixture(scope="module")
def exposed() -> set[str]:
    """Give the names of all series that a service may expose; `up` is Prometheus's own."""
    names = {"up"}
    for family in Metrics(CollectorRegistry()).registry.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        names |= {family.name + end for end in ends.get(family.type, [""])}
    return names


@pytest.fixture(scope="module")
def panels(repository: Path) -> list[dict[str, object]]:
    path = repository / "deploy/grafana/dashboards/ledger.json"
    found: list[dict[str, object]] = json.loads(path.read_text("utf-8"))["panels"]
    return found


@pytest.fixture(scope="module")
def runbook(repository: Path) -> dict[str, str]:
    """Give the sections of the runbook that are about alarms, by name."""
    page = (repository / "docs/operations.md").read_text("utf-8")
    chapter = page.split("\n## Alarms\n")[1].split("\n## ")[0]
    return dict(SECTION.findall(chapter))


def expressions(panels: list[dict[str, object]]) -> list[str]:
    return [t["expr"] for p in panels for t in p.get("targets", [])]  # type: ignore[attr-defined]


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_asks_for_metrics_that_exist(alarm: Alarm, exposed: set[str]) -> None:
    asked = metrics_of(read(alarm.expression))
    assert asked
    assert asked <= exposed


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_says_in_both_languages_what_is_the_matter_and_how_urgent_it_is(
    alarm: Alarm,
) -> None:
    assert alarm.labels["severity"] in {"critical", "warning"}
    vietnamese, separator, english = alarm.annotations["summary"].partition(" · ")
    assert separator
    assert VIETNAMESE.search(vietnamese)
    assert english
    assert not VIETNAMESE.search(english)


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_has_its_section_in_the_runbook(alarm: Alarm, runbook: dict[str, str]) -> None:
    assert alarm.annotations["runbook"] == f"docs/operations.md#{alarm.name.lower()}"
    assert "**Do:**" in runbook[alarm.name]


def test_the_runbook_speaks_of_no_other_alarm(runbook: dict[str, str]) -> None:
    assert set(runbook) == set(ALARMS)


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_has_a_panel_that_shows_what_it_asks_for(
    alarm: Alarm, panels: list[dict[str, object]]
) -> None:
    shown = set(re.findall(r"\b(?:dvk_\w+|up)\b", " ".join(expressions(panels))))
    assert metrics_of(read(alarm.expression)) <= shown
    named = [
        p["title"] for p in panels if re.search(rf"\b{alarm.name}\b", str(p.get("description")))
    ]
    assert named, f"no panel says that it shows {alarm.name}"


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_triggered_and_ended_by_a_test(name: str, texts: dict[Path, str]) -> None:
    tests = "\n".join(text for path, text in texts.items() if path.is_relative_to(TESTS))
    assert f'"{name}"' in tests


def test_the_dashboard_shows_which_alarms_fire(panels: list[dict[str, object]]) -> None:
    assert any(e.startswith("ALERTS{") for e in expressions(panels))


def test_the_panels_lie_beside_one_another_and_have_numbers_of_their_own(
    panels: list[dict[str, object]],
) -> None:
    assert len({panel["id"] for panel in panels}) == len(panels)
    covered: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert isinstance(place, dict)
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & covered, panel["title"]
        covered |= cells
