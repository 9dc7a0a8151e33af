"""The pages of a service as one browser asks for them: cookies are kept, redirects are not followed."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions

PASSWORD = "một câu dài để nhớ 2026"
NAMES = ("dvk", "__Host-dvk")
OWN = {"Sec-Fetch-Site": "same-origin"}


class OneBrowser:
    """A browser at one application; `form` sends a form with the token of the page before."""

    def __init__(
        self, app: FastAPI, loop: asyncio.AbstractEventLoop, base: str = "http://localhost:8080"
    ) -> None:
        self.app = app
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=base
        )
        self._loop = loop
        self.form_token = ""

    @property
    def jar(self) -> CookieJar:
        """Return the cookies that the browser keeps."""
        return self._client.cookies.jar

    @property
    def token(self) -> str:
        """Return the token of the session's cookie, empty without one."""
        return next((each.value or "" for each in self.jar if each.name in NAMES), "")

    def carry(self, token: str | None, name: str = "dvk") -> None:
        """Carry this token from now on, or none."""
        self._client.cookies.clear()
        if token is not None:
            self._client.cookies.set(name, token)

    def ask(self, method: str, address: str, **options: Any) -> httpx.Response:
        asked = self._client.request(method, address, **options)
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        found = re.search(r'name="form_token" value="([^"]+)"', answer.text)
        self.form_token = found[1] if found else self.form_token
        return answer

    def get(self, address: str, **options: Any) -> httpx.Response:
        return self.ask("GET", address, **options)

    def form(self, address: str, **fields: str) -> httpx.Response:
        sent = {"form_token": self.form_token, **fields}
        return self.ask("POST", address, data=sent, headers=OWN)

    def sign_in(self, user_name: str, password: str = PASSWORD, to: str = "") -> httpx.Response:
        self.get("/sign-in")
        return self.form("/sign-in", user_name=user_name, password=password, to=to)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return (method, path) of every route of an application, those of included routers too."""
    return sorted(
        (method, str(each.path))
        for each in iter_route_contexts(app.routes)
        for method in each.methods or ()
    )


@contextmanager
def accounts_in(home: Path, **options: Any) -> Iterator[Accounts]:
    """Give the accounts kept in a folder, as `dvk account` opens them."""
    database = PeopleDatabase(f"sqlite:///{home / 'people.db'}")
    try:
        yield Accounts(database, **options)
    finally:
        database.close()


@contextmanager
def sessions_in(home: Path) -> Iterator[Sessions]:
    """Give the sessions and tokens kept in a folder."""
    database = PeopleDatabase(f"sqlite:///{home / 'people.db'}")
    try:
        yield Sessions(database)
    finally:
        database.close()


@dataclass(frozen=True)
class Officer:
    """An account with its password set."""

    user_name: str
    officer_ref: str


def officer(home: Path, user_name: str) -> Officer:
    """Make an account with `PASSWORD`."""
    with accounts_in(home) as accounts:
        made = accounts.add(user_name)
        accounts.set_password(accounts.link(user_name), PASSWORD, PASSWORD)
    return Officer(made.user_name, made.officer_ref)
