"""The page of who may send events, on a ledger that began trust: readable by all, on any screen."""

import pytest
from playwright.sync_api import Browser

from shared.web.site import stylesheet
from tests.browser.looking import NARROW, WIDE, violations
from tests.support.dashboard_pages import Paging
from tests.support.figures_of_events import Projecting
from tests.support.trusted import ROOTS, authorized, key_added, key_of, spoken
from tests.support.two_provinces import approved, ledger, revoked

LONG = "so-noi-vu-tinh-co-ten-rat-dai.he-thong-thi-dua"


@pytest.fixture(scope="module", autouse=True)
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the page by language, with every state: pending, ended, a key that was compromised.

    It is made before a browser starts, whose event loop keeps others of the thread from running.
    """
    history = ledger(threshold=2)
    right, key = authorized(LONG, "a", speaks_to="2025-01-01"), key_added(LONG)
    history.given(right, approved(right, by=ROOTS[1]), key, approved(key, by=ROOTS[1]))
    data = {"publisher_id": LONG, "key_id": key_of(LONG).key_id, "why": "compromised"}
    stated = {**data, "suspect_from": 3, "occurred_on": "2026-01-01"}
    gone = spoken("KeyRevoked", stated, ROOTS[0])
    history.given(gone, approved(gone, by=ROOTS[1]), authorized("p-b", "b"))
    history.given(revoked(ROOTS[2], by=ROOTS[2]))
    folder = tmp_path_factory.mktemp("trust")
    started = Projecting(f"sqlite:///{folder / 'reporting.db'}", history=history)
    paging = Paging(started.project())
    made = {each: paging.answer(f"/pages/trust?lang={each}").text for each in ("vi", "en")}
    started.store.close()
    return made


@pytest.mark.parametrize("look", [NARROW, WIDE])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    pages: dict[str, str], browser: Browser, look: tuple[str, str, int]
) -> None:
    language, scheme, width = look
    html = pages[language]
    assert key_of(LONG).key_id in html
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html)
    page.add_style_tag(content=stylesheet())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for element in page.locator("h1, h2, p, .notice, .scroll").all():
        box = element.bounding_box()
        assert box is None or box["x"] + box["width"] <= width
    context.close()
