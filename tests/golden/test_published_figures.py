"""The 68 figures of the five accounts against the ledger, the expected result written by hand.

The sample holds one account as events: Bắc Kạn city, 2022. Its 40 figures must agree. Of the other
accounts the ledger knows nothing but what of that city lies in Bắc Kạn province.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from services.console.datasets.sample import sample_events
from services.reporting.queries.facade import RECORDED_MAP, Filters
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.schemas.__main__ import CONTRACT, ROOT
from shared.vocabulary import Family
from shared.web.answers.pagination import Page
from tests.support.figures_of_events import Projecting
from tests.support.scenarios import History

CITY = "gso-2004-058"
DIGEST_BY_FIRST_RULES = "sha256:d96dafd84b9ba4dae280176271d57b757c194ff030f1484e465be5ed8dd23bc3"
LAST = 641
"""The sample holds so many events."""

# The account of Bắc Kạn city, as published; each is exact, so the ledger must say the same.
AGREE = {
    "004-01": 191, "004-02": 73, "004-03": 118, "004-04": 4, "004-05": 20, "004-06": 10,
    "004-07": 10, "004-08": 164, "004-09": 62, "004-10": 102, "004-11": 3, "004-12": 1,
    "004-13": 2, "004-14": 160, "004-15": 147, "004-16": 13, "004-17": 15, "004-18": 129,
    "004-19": 29, "004-20": 49, "004-21": 69, "004-22": 1, "004-23": 10, "004-24": 30,
    "004-25": 13, "004-26": 6, "004-27": 11, "004-28": 4, "004-29": 4, "004-30": 4,
    "004-31": 84, "004-32": 19, "004-33": 16, "004-34": 14, "004-35": 12, "004-36": 8,
    "004-37": 7, "004-38": 4, "004-39": 4, "004-40": 5,
}  # fmt: skip

# Bắc Kạn province told of 2,360 registrations in 2022, and of more than 4,400 in 2021 and 2022; of
# these the ledger holds the city's 191, which lie in the province, and none of 2021.
DIFFER = {"000-01": (191, 191 - 4400), "000-05": (191, 191 - 2360)}

CANNOT_BE_CHECKED = {
    # The province in 2021, and from 2018 to 2020: nothing of these years is in the ledger.
    "000-02": "no_events",
    "000-03": "no_events",
    "000-04": "no_events",
    "003-01": "no_events",
    "003-02": "no_events",
    # "Subjects", collectives and individuals of two programmes together, are no measure.
    "000-06": "unknown_metric",
    # Commended without a form of award; replicated; exemplars as such; models commended.
    "000-09": "unknown_metric",
    "001-02": "unknown_metric",
    "001-03": "unknown_metric",
    "001-04": "unknown_metric",
    "003-03": "unknown_metric",
    # Awards of one grantor, or for one basis, or presented on behalf of one: no table has these.
    "000-07": "unknown_dimension",
    "000-08": "unknown_dimension",
    "001-05": "unknown_dimension",
    "001-06": "unknown_dimension",
    "001-07": "unknown_dimension",
    "001-08": "unknown_dimension",
    "001-09": "unknown_dimension",
    "003-04": "unknown_dimension",
    "003-05": "unknown_dimension",
    "003-06": "unknown_dimension",
    "003-07": "unknown_dimension",
    # "Hiện nay đang duy trì hơn 5.000 mô hình": so many stand on a day, whenever that was.
    "002-01": "stock",
    # "Những năm qua", "trong 3 năm qua": nobody can say which years.
    "001-01": "unstated_period",
    "002-02": "unstated_period",
    "002-03": "unstated_period",
}


def _received(event: dict[str, Any]) -> ReceivedEvent:
    family = next(f for f in Family if f in CATALOGUE[event["type"]].families)
    return receive(json.dumps(event).encode(), now_us=system_clock(), family=family)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projecting]:
    """Give the read models of reporting over the whole sample, every event decided by the rules."""
    url = f"sqlite:///{tmp_path_factory.mktemp('published') / 'reporting.db'}"
    history = History().given(*map(_received, sample_events()))
    projecting = Projecting(url, history=history, run=500).project()
    yield projecting
    projecting.store.close()


def _reconciled(ledger: Projecting) -> list[dict[str, Any]]:
    filters = Filters(None, None, None, RECORDED_MAP)
    listed = ledger.reads.reconciliation(filters, None, ledger.reads.as_of(), Page(1_000))
    assert listed.after is None
    return list(listed.items)


def test_every_published_figure_has_the_result_that_was_written_by_hand(
    ledger: Projecting,
) -> None:
    found = {
        each["figure_id"].removeprefix("press-"): (
            each["result"],
            each["log"],
            each["difference"],
            each["reason"],
        )
        for each in _reconciled(ledger)
    }
    expected: dict[str, tuple[Any, ...]] = {
        **{key: ("agrees", log, 0, None) for key, log in AGREE.items()},
        **{key: ("differs", *told, None) for key, told in DIFFER.items()},
        **{
            key: ("cannot_be_checked", None, None, reason)
            for key, reason in CANNOT_BE_CHECKED.items()
        },
    }
    assert found == expected
    assert Counter(result for result, *_ in found.values()) == {
        "agrees": 40,
        "differs": 2,
        "cannot_be_checked": 26,
    }


def test_the_figures_are_added_to_nothing(ledger: Projecting) -> None:
    before_them = LAST - 68
    for unit_id in (None, CITY, "gso-2004-06", "gso-2004-12", "gso-2004-24"):
        for year in (2021, 2022):
            by = ("unit", "owner_kind,registration_kind", "award_form")
            then = ledger.summary(unit_id, year, by=by, known_at=before_them)
            now = ledger.summary(unit_id, year, by=by)
            for moved in ("known_at", "digest"):
                del then[moved], now[moved]
            assert now == then


def test_the_worked_example_of_a_digest_is_the_city_at_the_last_position(
    ledger: Projecting,
) -> None:
    assert ledger.log.head().position == LAST
    summary = ledger.summary(CITY)
    example = json.loads((ROOT / CONTRACT / "summary-digest-example.json").read_text("utf-8"))
    assert example["fixed"] == {
        "unit_id": CITY,
        "map": "recorded",
        "programme": "dan_van_kheo",
        "year": 2022,
        "position": LAST,
        "rules": 2,
        "measures": summary["measures"],
    }
    form = json.dumps(example["fixed"], sort_keys=True, separators=(",", ":")).encode()
    assert example["canonical"].encode() == form
    digest = f"sha256:{hashlib.sha256(form).hexdigest()}"
    assert example["digest"] == summary["digest"] == digest
    (first,) = example["earlier_rules"]
    added = ("evaluated", "declined", "replicated", "commended")
    counted = {name: n for name, n in summary["measures"].items() if name not in added}
    assert first["fixed"] == {**example["fixed"], "rules": 1, "measures": counted}
    form = json.dumps(first["fixed"], sort_keys=True, separators=(",", ":")).encode()
    assert first["canonical"].encode() == form
    # As it stood in the contract files while version 1 was in use.
    assert first["digest"] == f"sha256:{hashlib.sha256(form).hexdigest()}" == DIGEST_BY_FIRST_RULES
    page = (ROOT / "docs/events.md").read_text("utf-8")
    assert example["canonical"] in page
    assert digest in page
