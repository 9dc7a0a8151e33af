"""Our small PromQL gives what Prometheus gives: series and results are those of its own tests.

They stand in promql/promqltest/testdata (functions, histograms, operators) of Prometheus 3.
"""

import math
import re
from pathlib import Path

import pytest
import yaml

from tests.support.promql.evaluating import Evaluation, Labels, Vector
from tests.support.promql.reading import NotUnderstood, read

MINUTE = 60
FIVE = 5 * MINUTE


def series(every: int, **loaded: str) -> dict[Labels, list[tuple[float, float | None]]]:
    """Return samples as `load` writes them: `0+10x10 0 1 stale`; keys are `metric__label_value`."""
    return {
        _labels(name): [(i * every, v) for i, v in enumerate(_values(text))]
        for name, text in loaded.items()
    }


def _labels(name: str) -> Labels:
    metric, *labels = name.split("__")
    return frozenset(
        {("__name__", metric), *((k, v) for k, _, v in (p.partition("_") for p in labels))}
    )


def _values(text: str) -> list[float | None]:
    values: list[float | None] = []
    for word in text.split():
        if run := re.fullmatch(r"(\d+)\+(\d+)x(\d+)", word):
            first, step, times = map(int, run.groups())
            values += [float(first + step * n) for n in range(times + 1)]
        else:
            values.append(None if word == "stale" else float(word))
    return values


def by(vector: Vector, label: str) -> dict[str, float]:
    return {dict(labels).get(label, ""): value for labels, value in vector.items()}


HTTP = series(
    FIVE,
    http__path_foo="0+10x10",
    http__path_bar="0+18x5 0+18x5",
    http__path_dings="10+10x10",
    http__path_bumms="1+10x10",
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("increase(http[50m])", {"foo": 100, "bar": 160, "dings": 100, "bumms": 100}),
        ("increase(http[100m])", {"foo": 100, "bar": 162, "dings": 105, "bumms": 101}),
        ('increase(http{path=~"d.+|foo"}[50m])', {"foo": 100, "dings": 100}),
        ('increase(http{path!="foo",path!~"b.*"}[50m])', {"dings": 100}),
        ("http", {"foo": 100, "bar": 72, "dings": 110, "bumms": 101}),
        ("http offset 25m", {"foo": 50, "bar": 90, "dings": 60, "bumms": 51}),
        ("http > 100", {"dings": 110, "bumms": 101}),
        ("max_over_time(http[50m])", {"foo": 100, "bar": 90, "dings": 110, "bumms": 101}),
        ("min_over_time(http[50m])", {"foo": 10, "bar": 0, "dings": 20, "bumms": 11}),
        ("max(http)", {"": 110}),
        ("sum by (path) (http) - http", {"foo": 0, "bar": 0, "dings": 0, "bumms": 0}),
        ("http == on() group_left() max(http)", {"dings": 110}),
        ("http > 105 or http < 95", {"dings": 110, "bar": 72}),
        ("http unless http < 105", {"dings": 110}),
        ("http and http < 95", {"bar": 72}),
        ("http * 2 + 1 > 2 * 86400", {}),
    ],
)
def test_functions_and_operators_give_the_published_results(
    expression: str, expected: dict[str, float]
) -> None:
    assert by(Evaluation(HTTP).at(expression, 50 * MINUTE), "path") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("load", "expression", "minute", "expected"),
    [
        ("0 1 2 3 2 3 4", "increase(m[30m])", 30, 7),
        ("0+27x4 0+27x5", "rate(m[50m])", 50, 0.08),
        ("0+10x9 0 10", "rate(m[5m])", 50, None),
        ("0+10x9 0 10", "rate(m[6m])", 50, 0),
        ("0+80x10", "rate(m[50m])", 50, 0.26666666666666666),
        ("0+10x10", "rate(m[10m] offset 5m)", 50, 0.03333333333333333),
        ("1 stale", "m", 5, None),
        ("1", "m", 4, 1),
        ("1", "m", 5, None),
    ],
)
def test_rates_windows_and_ended_series_are_those_of_prometheus(
    load: str, expression: str, minute: int, expected: float | None
) -> None:
    found = Evaluation(series(FIVE, m=load)).at(expression, minute * MINUTE)
    assert list(found.values()) == pytest.approx([] if expected is None else [expected])


@pytest.mark.parametrize(("start", "rate"), [(0, 0.5), (60, 0.55), (120, 0.6), (300, 0.6)])
def test_a_rate_is_never_extrapolated_below_zero(start: int, rate: float) -> None:
    loaded = series(4 * MINUTE, m=f"{start}+240x10")
    assert list(Evaluation(loaded).at("rate(m[20m])", 10 * MINUTE).values()) == pytest.approx(
        [rate]
    )


HISTOGRAM = {
    frozenset({("__name__", "h_bucket"), ("le", le), ("start", start)}): [
        (i * FIVE, float(step * i)) for i in range(11)
    ]
    for start, buckets in {
        "positive": {"0.1": 5, ".2": 7, "1e0": 11, "+Inf": 12},
        "negative": {"-.2": 1, "-0.1": 2, "0.3": 2, "+Inf": 3},
    }.items()
    for le, step in buckets.items()
}


@pytest.mark.parametrize(
    ("quantile", "positive", "negative"),
    [(0, 0, -0.2), (0.2, 0.048, -0.2), (0.5, 0.15, -0.15), (0.8, 0.72, 0.3), (1, 1, 0.3)],
)
@pytest.mark.parametrize("of", ["h_bucket", "rate(h_bucket[10m])"])
def test_quantiles_of_histograms_are_the_published_ones(
    quantile: float, positive: float, negative: float, of: str
) -> None:
    found = Evaluation(HISTOGRAM).at(f"histogram_quantile({quantile}, {of})", 50 * MINUTE)
    assert by(found, "start") == pytest.approx({"positive": positive, "negative": negative})


def test_a_histogram_without_observations_has_no_quantile_and_is_no_alarm() -> None:
    empty = {labels: [(FIVE, 0.0)] for labels in HISTOGRAM}
    found = Evaluation(empty).at("histogram_quantile(0.99, h_bucket)", FIVE)
    assert all(math.isnan(value) for value in found.values())
    assert Evaluation(empty).at("histogram_quantile(0.99, h_bucket) > 0.1", FIVE) == {}


@pytest.mark.parametrize(
    "expression",
    [
        "irate(m[5m])",
        "absent(m)",
        "m[5m]",
        "rate(m)",
        "rate(m[5m:1m])",
        "m @ 0",
        "m == bool 1",
        "m > ignoring(a) m",
        "m * on(a) group_right() m",
        "m ^ 2",
        "-m",
        "1 > m",
        "sum without (a) (m)",
        "avg(m)",
        "topk(3, m)",
        'm{a="b\\"c"}',
        "m offset -5m",
        "(m",
        "m)",
        "",
        "m >",
    ],
)
def test_what_is_not_known_is_refused_loudly(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        Evaluation(series(FIVE, m="1")).at(expression, 0)


def test_two_series_for_one_place_are_refused_as_prometheus_does() -> None:
    both = series(FIVE, one__a_x="1", one__a_y="1", other="1")
    with pytest.raises(NotUnderstood, match="right"):
        Evaluation(both).at("other == on() one", 0)
    with pytest.raises(NotUnderstood, match="left"):
        Evaluation(both).at("one == on() other", 0)


def test_every_expression_of_the_alarms_is_understood() -> None:
    rules = Path(__file__).parents[3] / "deploy/prometheus/alerts.yml"
    for group in yaml.safe_load(rules.read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            read(rule["expr"])
