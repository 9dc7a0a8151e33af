"""The figures that five accounts published, under the names of the contract.

`figures.json` keeps them with their qualifiers; nothing here changes a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from services.console.datasets.nation.lineage import unit_id_of

CITY_ACCOUNT = "bac-kan-city-2022"

_METRICS = {
    "models_registered": "registered",
    "models_eligible": "eligible",
    "models_recognized": "recognized",
    "units_inspected": "inspected_units",
    "party_organizations_with_recognized_models": "recognized_organizations",
    "enterprises_with_recognized_models": "recognized_organizations",
    "land_donated": "land_donated_m2",
    "workdays_contributed": "workdays",
}
_DIMENSIONS = {"subject": "owner_kind", "recipient": "recipient_kind"}
_AWARD_FORMS = {
    "commemorative_medal": "ky_niem_chuong",
    "certificate_of_merit_bang_khen": "bang_khen",
    "certificate_of_commendation_giay_khen": "giay_khen",
}
_PERIOD_KINDS = {"award_round": "event"}


@dataclass(frozen=True, slots=True)
class PublishedUnit:
    """The place of a figure, with its code from before July 2025."""

    name: str
    level: str
    code: str

    @property
    def unit_id(self) -> str:
        """Return the unit id, the same as in the national map."""
        return unit_id_of(self.code)


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure in the names of the contract; `dimensions` may hold free keys too."""

    figure_id: str
    account: str
    title: str
    place: PublishedUnit
    period: Mapping[str, str | None]
    label: str
    metric: str
    dimensions: Mapping[str, str]
    value: int
    counted_in: str
    qualifier: str
    note: str | None


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """Return all figures, in the order of the accounts."""
    document = _document()
    titles = {account["account"]: account["title_vi"] for account in document["accounts"]}
    return tuple(_figure(raw, titles) for raw in document["figures"])


def city_figures() -> tuple[PublishedFigure, ...]:
    """Return the figures of the one complete account: Bắc Kạn city in 2022."""
    return tuple(figure for figure in published_figures() if figure.account == CITY_ACCOUNT)


@cache
def _document() -> Any:  # noqa: ANN401  a JSON document
    return orjson.loads(
        files("services.console.datasets.sample").joinpath("figures.json").read_bytes()
    )


def _figure(raw: Mapping[str, Any], titles: Mapping[str, str]) -> PublishedFigure:
    metric, dimensions = _in_the_contract(raw["metric"], raw["dims"])
    period, place = raw["period"], raw["place"]
    return PublishedFigure(
        figure_id=f"press-{raw['id']}",
        account=raw["account"],
        title=titles[raw["account"]],
        place=PublishedUnit(place["name"], place["level"], place["code"]),
        period={
            "from": period["from"],
            "to": period["to"],
            "kind": _PERIOD_KINDS.get(period["kind"], period["kind"]),
        },
        label=period["label"],
        metric=metric,
        dimensions=dimensions,
        value=raw["value"],
        counted_in=raw["unit"],
        qualifier=raw["qualifier"],
        note=raw.get("note"),
    )


def _in_the_contract(metric: str, stated: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    dimensions = {_DIMENSIONS.get(key, key): value for key, value in stated.items()}
    if metric == "models_recognized" and dimensions.get("tier") == "exemplary":
        # The tier in force decides the measure, so it is not a dimension here.
        del dimensions["tier"]
        return "exemplary", dimensions
    if metric == "models_maintained_stock":
        # The period is `as_of`: a stock of maintained models, not registrations of one year.
        return "registered", {**dimensions, "registration_kind": "maintained"}
    if "award_form" in dimensions:
        dimensions["award_form"] = _AWARD_FORMS[dimensions["award_form"]]
    return _METRICS.get(metric, metric), dimensions
