"""The list desk beside a ledger that requires sign-in, at work, with a browser for each officer."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from services.lists import app as lists_app
from shared.settings import Settings
from shared.vocabulary import OfficerRole
from tests.support.guarded_ledger import Guarded, role_granted
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.office_workbooks import simple_list
from tests.support.people_pages import OWN, OneBrowser, officer, sessions_in
from tests.support.waiting import PAUSE_SECONDS

_HEADINGS = ("Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
             "Hình thức")  # fmt: skip


class GuardedDesk:
    """The desk, and what officers do there."""

    def __init__(self, guarded: Guarded, app: FastAPI) -> None:
        self._guarded = guarded
        self._app = app

    def browser(self, name: str | None) -> OneBrowser:
        """Return a browser with the session of an officer."""
        browser = OneBrowser(self._app, self._guarded.ledger.loop)
        if name is not None:
            browser.carry(self._guarded.browser(name).token)
        return browser

    def upload(self, browser: OneBrowser, unit: str, *titles: str) -> httpx.Response:
        """Upload a list of registrations with these titles; return the answer."""
        browser.get("/lists/")
        rows = [
            (title, "Chi bộ thôn", "Tập thể", "Kinh tế", "khoi-1", unit, "Mới") for title in titles
        ]
        fields = {
            "kind": "registrations",
            "unit": unit,
            "year": "2022",
            "form_token": browser.form_token,
        }
        file = {"file": ("a.xlsx", simple_list(_HEADINGS, *rows).content())}
        return browser.ask("POST", "/lists/uploads", data=fields, files=file, headers=OWN)

    def checked(self, browser: OneBrowser, unit: str, *titles: str) -> str:
        """Upload a list, and return its address when it is checked."""
        sent = self.upload(browser, unit, *titles)
        assert sent.status_code == 303, sent.text
        at = sent.headers["location"].partition("?")[0]
        self.settled(browser, at)
        return at

    def settled(self, browser: OneBrowser, at: str, patience_seconds: float = 60) -> str:
        """Return the page of a list when the desk has done its work."""
        for _ in range(int(patience_seconds / PAUSE_SECONDS)):
            answer = browser.get(at)
            if "refresh" not in answer.headers:
                return answer.text
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(answer.text)

    def send(self, browser: OneBrowser, at: str) -> httpx.Response:
        """Press the button of the page, or send what its form would if there is none."""
        page = browser.get(at)
        (action,) = re.findall(rf'action="({at}/send[^"]*)"', page.text) or [f"{at}/send"]
        return browser.form(action.replace("&amp;", "&"))


@contextmanager
def guarded_desk(guarded: Guarded, home: Path) -> Iterator[GuardedDesk]:
    """Run the desk with a token of its own, and its state in a folder."""
    machine = officer(guarded.home, "desk")
    guarded.publish(role_granted(machine, OfficerRole.READER, "vn"))
    with sessions_in(guarded.home) as sessions:
        token = sessions.give_token(machine.officer_ref, "desk", 1)
    settings = Settings.from_environment({"DVK_HOME": str(home), "DVK_REQUIRE_SIGN_IN": "1"})
    loop = guarded.ledger.loop
    with client_of(guarded.ledger) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        app = lists_app.compose(settings, client, ADDRESSES)
        stack = AsyncExitStack()
        entered = stack.enter_async_context(app.router.lifespan_context(app))
        asyncio.run_coroutine_threadsafe(entered, loop).result()
        try:
            yield GuardedDesk(guarded, app)
        finally:
            asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
