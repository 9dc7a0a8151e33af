"""A tree of PromQL evaluated over series of samples at one moment."""

from __future__ import annotations

import math
import operator
import re
from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from tests.support.promql.reading import (
    Aggregate,
    Binary,
    Call,
    Expression,
    NotUnderstood,
    Number,
    Selector,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Labels = frozenset[tuple[str, str]]
"""Names and values of labels; the name of the metric is the label `__name__`."""
Vector = dict[Labels, float]
Series = "Mapping[Labels, Sequence[tuple[float, float | None]]]"
"""Samples (seconds, value) in order of time; None says that the series ended there."""

LOOK_BACK = 300
_NAME = "__name__"
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "/": lambda a, b: a / b if b else math.nan if not a or math.isnan(a) else math.copysign(math.inf, a),
}  # fmt: skip
_COMPARING: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt,
    "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
_AGGREGATING: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum, "max": max, "min": min, "count": len,
}  # fmt: skip


class Evaluation:
    """Evaluates expressions over the same series."""

    def __init__(self, series: Mapping[Labels, Sequence[tuple[float, float | None]]]) -> None:
        self._series = series

    def at(self, text: str, moment: float) -> Vector:
        """Return the vector of an expression at a moment (seconds)."""
        found = self._value(read(text), moment)
        return {frozenset(): found} if isinstance(found, float) else found

    def _value(self, tree: Expression, moment: float) -> Vector | float:
        match tree:
            case Number(value):
                return value
            case Selector():
                return self._instant(tree, moment)
            case Aggregate(name, by, of):
                return _aggregated(name, by, _vector(self._value(of, moment)))
            case Binary(sign, left, right, on, group_left):
                sides = self._value(left, moment), self._value(right, moment)
                return _combined(sign, *sides, on, group_left=group_left)
            case Call("histogram_quantile", (Number(quantile), of)):
                return _quantiles(quantile, _vector(self._value(of, moment)))
            case Call(name, (Selector() as selector,)):
                return self._over_time(name, selector, moment)
        raise NotUnderstood(str(tree))

    def _instant(self, selector: Selector, moment: float) -> Vector:
        if selector.seconds is not None:
            raise NotUnderstood(f"{selector.name}: a range without a function over it")
        found = {}
        for labels, samples in self._selected(selector):
            recent = _within(samples, moment - selector.offset, LOOK_BACK)
            if recent and recent[-1][1] is not None:
                found[labels] = recent[-1][1]
        return found

    def _over_time(self, name: str, selector: Selector, moment: float) -> Vector:
        if selector.seconds is None:
            raise NotUnderstood(f"{name}({selector.name}) needs a range")
        end, found = moment - selector.offset, {}
        for labels, samples in self._selected(selector):
            inside = [
                (at, value)
                for at, value in _within(samples, end, selector.seconds)
                if value is not None
            ]
            value = _over(name, inside, end, selector.seconds)
            if value is not None:
                found[_without(labels, _NAME)] = value
        return found

    def _selected(
        self, selector: Selector
    ) -> Iterable[tuple[Labels, Sequence[tuple[float, float | None]]]]:
        for labels, samples in self._series.items():
            named = dict(labels)
            if named[_NAME] == selector.name and all(
                _fits(named.get(label, ""), how, wanted) for label, how, wanted in selector.matchers
            ):
                yield labels, samples


def _fits(value: str, how: str, wanted: str) -> bool:
    if how.endswith("~"):
        return (re.fullmatch(wanted, value) is not None) == (how == "=~")
    return (value == wanted) == (how == "=")


def _within(
    samples: Sequence[tuple[float, float | None]], end: float, seconds: float
) -> list[tuple[float, float | None]]:
    first = bisect_right(samples, end - seconds, key=itemgetter(0))
    return list(samples[first : bisect_right(samples, end, lo=first, key=itemgetter(0))])


def _over(
    name: str, samples: list[tuple[float, float]], end: float, seconds: float
) -> float | None:
    if name in {"min_over_time", "max_over_time"}:
        values = [value for _, value in samples if not math.isnan(value)]
        choose = min if name == "min_over_time" else max
        return choose(values) if values else math.nan if samples else None
    increase = _increase(samples, end, seconds)
    return increase if increase is None or name == "increase" else increase / seconds


def _increase(samples: list[tuple[float, float]], end: float, seconds: float) -> float | None:
    """Extrapolate as Prometheus does: to the ends of the range, not below zero, not too far."""
    if len(samples) < 2:
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    resets = sum(before for (_, before), (_, after) in pairwise(samples) if after < before)
    risen = last - first + resets
    sampled = last_at - first_at
    usual = sampled / (len(samples) - 1)
    to_start, to_end = first_at - (end - seconds), end - last_at
    to_start = usual / 2 if to_start >= usual * 1.1 else to_start
    to_end = usual / 2 if to_end >= usual * 1.1 else to_end
    if risen > 0 and first >= 0:
        to_start = min(to_start, sampled * first / risen)
    return risen * (sampled + to_start + to_end) / sampled


def _aggregated(name: str, by: Sequence[str], vector: Vector) -> Vector:
    groups: dict[Labels, list[float]] = defaultdict(list)
    for labels, value in vector.items():
        groups[frozenset(pair for pair in labels if pair[0] in by)].append(value)
    return {labels: float(_AGGREGATING[name](values)) for labels, values in groups.items()}


def _combined(
    sign: str,
    left: Vector | float,
    right: Vector | float,
    on: Sequence[str] | None,
    *,
    group_left: bool,
) -> Vector | float:
    if isinstance(left, float) and isinstance(right, float) and sign in _ARITHMETIC:
        return _ARITHMETIC[sign](left, right)
    if isinstance(left, float) or (
        isinstance(right, float) and sign not in {**_ARITHMETIC, **_COMPARING}
    ):
        raise NotUnderstood(f"a scalar on the left of {sign}, or beside a set operator")
    pairs: list[tuple[Labels, float, float]]
    if isinstance(right, float):
        pairs = [(labels, value, right) for labels, value in left.items()]
    else:
        if sign in {"or", "and", "unless"}:
            return _sets(sign, left, right, on)
        pairs = list(_matched(left, right, on, group_left=group_left))
    if sign in _COMPARING:
        return {labels: a for labels, a, b in pairs if _COMPARING[sign](a, b)}
    return {_without(labels, _NAME): _ARITHMETIC[sign](a, b) for labels, a, b in pairs}


def _sets(sign: str, left: Vector, right: Vector, on: Sequence[str] | None) -> Vector:
    mine = {_key(labels, on) for labels in left}
    theirs = {_key(labels, on) for labels in right}
    if sign == "or":
        return left | {ls: value for ls, value in right.items() if _key(ls, on) not in mine}
    return {ls: v for ls, v in left.items() if (_key(ls, on) in theirs) == (sign == "and")}


def _matched(
    left: Vector, right: Vector, on: Sequence[str] | None, *, group_left: bool
) -> Iterable[tuple[Labels, float, float]]:
    ones: dict[Labels, float] = {}
    for labels, value in right.items():
        if _key(labels, on) in ones:
            raise NotUnderstood(f"several series on the right match {dict(_key(labels, on))}")
        ones[_key(labels, on)] = value
    seen: set[Labels] = set()
    for labels, value in left.items():
        key = _key(labels, on)
        if key not in ones:
            continue
        if key in seen and not group_left:
            raise NotUnderstood(f"several series on the left match {dict(key)}: group_left?")
        seen.add(key)
        yield (labels if group_left or on is None else key), value, ones[key]


def _key(labels: Labels, on: Sequence[str] | None) -> Labels:
    if on is None:
        return _without(labels, _NAME)
    return frozenset(pair for pair in labels if pair[0] in on)


def _without(labels: Labels, *names: str) -> Labels:
    return frozenset(pair for pair in labels if pair[0] not in names)


def _vector(value: Vector | float) -> Vector:
    if isinstance(value, float):
        raise NotUnderstood("a scalar where a vector is needed")
    return value


def _quantiles(quantile: float, vector: Vector) -> Vector:
    histograms: dict[Labels, dict[float, float]] = defaultdict(dict)
    for labels, value in vector.items():
        bound = float(dict(labels)["le"])
        histograms[_without(labels, "le", _NAME)][bound] = value
    return {labels: _quantile(quantile, buckets) for labels, buckets in histograms.items()}


def _quantile(quantile: float, buckets: Mapping[float, float]) -> float:
    bounds = sorted(buckets)
    counts, most = [], 0.0
    for bound in bounds:
        most = max(most, buckets[bound])
        counts.append(most)
    if len(bounds) < 2 or bounds[-1] != math.inf or not counts[-1]:
        return math.nan
    rank = quantile * counts[-1]
    at = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(bounds) - 1)
    if at == len(bounds) - 1:
        return bounds[-2]
    if at == 0 and bounds[0] <= 0:
        return bounds[0]
    start, below = (bounds[at - 1], counts[at - 1]) if at else (0.0, 0.0)
    return start + (bounds[at] - start) * (rank - below) / (counts[at] - below)
