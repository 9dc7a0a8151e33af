"""The margins of the city's account, and two ways to distribute a total over them.

Every number is read from the published figures; a missing margin is an error.
"""

from collections.abc import Mapping
from typing import TypeVar

from services.console.datasets.sample.published import city_figures

_Key = TypeVar("_Key")


def total(metric: str) -> int:
    """Return the figure of the whole city."""
    return by(metric)[()]


def by(metric: str, *dimensions: str) -> dict[tuple[str, ...], int]:
    """Return the city's figures that are broken down by exactly these dimensions."""
    return {
        tuple(figure.dimensions[name] for name in dimensions): figure.value
        for figure in city_figures()
        if figure.metric == metric
        and figure.place.level == "district"
        and set(figure.dimensions) == set(dimensions)
    }


def by_ward(metric: str) -> dict[str, int]:
    """Return the figures of the city's wards and communes, by unit id."""
    return {
        figure.place.unit_id: figure.value
        for figure in city_figures()
        if figure.metric == metric and figure.place.level != "district"
    }


def evenly(counts: Mapping[_Key, int]) -> list[_Key]:
    """Return each key as often as stated, each spread evenly over the whole list.

    Zipping two such lists gives a joint distribution that has both as its margins.
    """
    places = (
        ((2 * number + 1) / (2 * count), order, key)
        for order, (key, count) in enumerate(counts.items())
        for number in range(count)
    )
    return [key for _, _, key in sorted(places, key=lambda place: place[:2])]


def in_proportion(whole: int, weights: Mapping[_Key, int]) -> dict[_Key, int]:
    """Split a total by weights into integers (largest remainders, the first key at a tie)."""
    weight = sum(weights.values())
    parts = {key: whole * share // weight for key, share in weights.items()}
    missing = whole - sum(parts.values())
    by_remainder = sorted(weights, key=lambda key: -(whole * weights[key] % weight))
    for key in by_remainder[:missing]:
        parts[key] += 1
    return parts
