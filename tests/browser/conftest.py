"""A real Chromium against the real services with the sample; only this machine is reachable."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.e2e.dvk_command import Up, three_free_ports, up

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
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "NO CHROMIUM ON THE PATH: the pages were NOT tested in a browser"
        if os.environ.get("DVK_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("browser") / "home", three_free_ports()) as running:
        yield running


@pytest.fixture
def elsewhere() -> list[str]:
    """Addresses of other hosts that a page asked for; each was refused."""
    return []


@pytest.fixture
def page(browser: Browser, ledger: Up, elsewhere: list[str]) -> Iterator[Page]:
    """A page without JavaScript that can reach the ledger only."""

    def guard(route: Route) -> None:
        if route.request.url.startswith((ledger.url, "data:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    context = browser.new_context(
        base_url=ledger.url, java_script_enabled=False, locale="vi-VN",
        viewport={"width": 1200, "height": 900},
    )  # fmt: skip
    context.route("**/*", guard)
    forbidden: list[str] = []
    context.on(
        "console",
        lambda said: forbidden.append(said.text) if "Content Security" in said.text else None,
    )
    yield context.new_page()
    context.close()
    assert elsewhere == []
    assert forbidden == []  # no page has what its policy does not allow
