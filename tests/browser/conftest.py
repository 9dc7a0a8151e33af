"""A real Chromium against the real services with the sample; only this machine is reachable."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.browser.forwarding_data import add_forwarding
from tests.e2e.dvk_command import Up, free_ports, up
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent
from tests.support.http_clients import STRUCTURED
from tests.support.sample_ledger import AWARD

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)  # fmt: skip
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The last two draw the list below the address bar as pages, for half a second in each window;
    # the others are those that Playwright names here, and that bear on pages.
    (
        "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,"
        "PaintHolding,ThirdPartyStoragePartitioning,OptimizationHints,AimEnabled,"
        "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
    ),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; while one runs, its event loop keeps others of the thread from running."""
    if CHROMIUM is None:
        reason = "NO CHROMIUM ON THE PATH: the pages were NOT tested in a browser"
        if os.environ.get("DVK_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A ledger with map and sample for the modules in their order; what one adds stays there.

    Others forward to it, and it is forwarded itself.
    """
    with up(tmp_path_factory.mktemp("browser") / "home", free_ports()) as running:
        add_forwarding(running)
        yield running


@pytest.fixture(scope="package")
def awarded(ledger: Up) -> None:
    """Add an award to the sample, which has none."""
    event = cloudevent("AwardGranted", AWARD)
    address = f"http://127.0.0.1:{ledger.port + 2}/events"
    ASKING.post(address, json=event, headers=STRUCTURED, timeout=60).raise_for_status()


@dataclass
class Window:
    """A window of the browser, and what no page in it may do."""

    page: Page
    elsewhere: list[str]
    """Addresses of other hosts that a page asked for; each was refused."""
    forbidden: list[str]
    """What a page has and its policy does not allow."""


@pytest.fixture(scope="module")
def window(browser: Browser, ledger: Up) -> Iterator[Window]:
    """A window without JavaScript that can reach the ledger only; another one is slow to open."""

    def guard(route: Route) -> None:
        if route.request.url.startswith((*ledger.urls, "data:")):
            route.continue_()
        else:
            opened.elsewhere.append(route.request.url)
            route.abort()

    context = browser.new_context(base_url=ledger.url, java_script_enabled=False, locale="vi-VN")
    context.route("**/*", guard)
    context.on(
        "console",
        lambda said: (
            opened.forbidden.append(said.text) if "Content Security" in said.text else None
        ),
    )
    opened = Window(context.new_page(), [], [])
    yield opened
    context.close()


@pytest.fixture(scope="module")
def measured(browser: Browser, ledger: Up) -> Iterator[Page]:
    """A page that can be measured; what is looked at runs no script of its own, only axe."""
    context = browser.new_context(base_url=ledger.url)
    context.add_init_script(AXE_SCRIPT)  # sent once, not for every page
    yield context.new_page()
    context.close()


@pytest.fixture
def page(window: Window) -> Iterator[Page]:
    """An empty page that remembers nothing of the test before."""
    window.page.context.clear_cookies()
    window.page.set_viewport_size({"width": 1200, "height": 900})
    yield window.page
    window.page.goto("about:blank")
    try:
        assert window.elsewhere == []
        assert window.forbidden == []
    finally:
        window.elsewhere.clear()
        window.forbidden.clear()
