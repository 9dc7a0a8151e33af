"""docs/seeds.md leads to addresses that exist, and repeats the published figures as they are."""

import json
import re
from pathlib import Path

from services.reporting.dashboard.routes import PAGES
from shared.vocabulary import Measure
from tests.support.reading_views import LISTS

FIGURES = "services/console/datasets/sample/figures.json"


def test_every_address_view_and_measure_of_the_page_exists(repository: Path) -> None:
    page = (repository / "docs/seeds.md").read_text("utf-8")
    contract = repository / "shared/events/contract/openapi-reporting.json"
    known = {*json.loads(contract.read_text("utf-8"))["paths"], *(each.path for each in PAGES)}
    assert set(re.findall(r"`(/[^`]*)`", page)) <= known
    assert set(re.findall(r"dvk_read\.(\w+)", page)) <= {*LISTS, "recognition", "model"}
    assert set(re.findall(r"measures? `(\w+)`", page)) <= {str(each) for each in Measure}


def test_every_account_has_its_rows_and_its_figures(repository: Path) -> None:
    page = (repository / "docs/seeds.md").read_text("utf-8")
    published = json.loads((repository / FIGURES).read_text("utf-8"))
    for account in published["accounts"]:
        assert f"| {account['title_vi']} |" in page
    numbers = {int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\d|\d", page)}
    values = {figure["value"] for figure in published["figures"]}
    # Parts of parts are left to `dvk demo`.
    assert {value for value in values if value >= 100} - {102} <= numbers
