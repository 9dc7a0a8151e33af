"""events.md, HTTP, `GET /`: choices in the address, every number a link, and what pages say."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.claiming import figure
from tests.support.cloudevents import received
from tests.support.happenings import granted, recognized, registered
from tests.support.paging import Paging

PAGES = ("/", "/pages/years", "/pages/reconciliation", "/pages/changes", "/pages/units?q=bac")


def close(paging: Paging, unit_id: str = "bk") -> int:
    """Close the year 2022 of a unit as it stands; return the position of its figures."""
    summary = paging.projecting.summary(unit_id)
    position: int = summary["known_at"]["position"]
    stated = {
        "unit_id": unit_id,
        "plan_year": 2022,
        "position": position,
        "digest": summary["digest"],
        "occurred_on": "2023-01-15",
    }
    paging.projecting.given(received("PeriodClosed", stated))
    return position


def test_every_link_on_every_page_leads_to_an_answer(paging: Paging) -> None:
    paging.projecting.given(recognized("1"), granted("1"), figure(), figure(2, value=3))
    close(paging)
    paging.projecting.given(registered("3", unit_id="bk-1"))
    seen = paging.crawl(*PAGES, "/?unit=bk&map=current", "/?lang=en&known_at=8")
    assert {address: status for address, status in seen.items() if status != 200} == {}
    assert len(seen) > 200
