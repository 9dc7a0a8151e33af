"""Pages asked for in process, and what stands on them, as a reader without scripts finds it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from services.reporting.api.routes import reads_router
from services.reporting.dashboard.routes import add_dashboard
from shared.vocabulary import Family
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Queries
    from tests.support.figures_of_events import Projecting

LISTS_PORT = 8083
_DESK = httpx.MockTransport(lambda _: httpx.Response(200, text="the list desk"))
"""The list desk is another service, to which a page only leads."""
_INLINE = frozenset({"a", "b", "span", "code"})
_VOID = frozenset({"meta", "link", "input", "br", "rect"})


class _ShownNow:
    """The read models from which the one application answers now."""

    projecting: Projecting

    def pin(self, known_at: str | None = None) -> tuple[Queries, AsOf]:
        return self.projecting.pin(known_at)

    def clock(self) -> int:
        return self.projecting.clock()


@cache
def _addresses() -> tuple[FastAPI, _ShownNow]:
    """Make the application once: its addresses hold no state, and take long to describe."""
    shown = _ShownNow()
    app = new_app(title="Reporting", title_vi="Tổng hợp", description="", family=Family.REPORTING)
    add_routes(app, reads_router(shown.pin, shown.clock))
    add_dashboard(app, shown.pin, shown.clock, lists_port=LISTS_PORT)
    return app, shown


class Paging:
    """The pages of a dashboard over the read models of a small country."""

    def __init__(self, projecting: Projecting) -> None:
        self.projecting = projecting

    def answer(self, address: str) -> httpx.Response:
        """Return the answer of an address, where a form's redirection leads."""
        return self.ask(address, follow_redirects=True)

    def ask(self, address: str, method: str = "GET", **asking: Any) -> httpx.Response:
        """Return the first answer of an address; `asking` is what httpx takes."""

        async def asked(transport: httpx.ASGITransport) -> httpx.Response:
            async with httpx.AsyncClient(
                transport=transport,
                base_url="http://test",
                follow_redirects=asking.pop("follow_redirects", False),
                cookies=asking.pop("cookies", None),
                mounts={f"all://test:{LISTS_PORT}": _DESK},
            ) as client:
                return await client.request(method, address, **asking)

        app, shown = _addresses()
        shown.projecting = self.projecting
        return asyncio.run(asked(httpx.ASGITransport(app)))

    def get(self, address: str, *, status: int = 200) -> Shown:
        """Return a page, which must be answered with this status."""
        answer = self.answer(address)
        assert answer.status_code == status, (address, answer.text)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return Shown(answer.text, str(answer.url))

    def crawl(self, *first: str, most: int = 400) -> dict[str, int]:
        """Follow every link, the nearest first, up to `most`; return each address with its status."""
        seen: dict[str, int] = {}
        waiting = deque(first)
        while waiting and len(seen) < most:
            address = waiting.popleft()
            if address in seen:
                continue
            answer = self.answer(address)
            seen[address] = answer.status_code
            if answer.headers["content-type"].startswith("text/html"):
                links = Shown(answer.text, address).links
                waiting.extend(
                    [href for href, _ in links if href.startswith("/") and href not in seen]
                )
        return seen


@dataclass(frozen=True)
class Element:
    """An element with its attributes and everything that is written inside it."""

    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return what is written inside it, with single spaces."""
        return " ".join("".join(self.words).split())


@dataclass(frozen=True)
class Shown:
    """A page that was answered."""

    html: str
    url: str

    @cached_property
    def elements(self) -> Sequence[Element]:
        """Return every element, in the order of the page."""
        reader = _Reader()
        reader.feed(self.html)
        assert reader.open == [], [each.tag for each in reader.open]
        return reader.found

    @property
    def text(self) -> str:
        """Return everything that is written on it."""
        return next(each for each in self.elements if each.tag == "body").text

    @property
    def heading(self) -> str:
        """Return what the page says that it is."""
        return next(each for each in self.elements if each.tag == "h1").text

    @property
    def title(self) -> str:
        """Return the words of its window."""
        return next(each for each in self.elements if each.tag == "title").text

    @property
    def language(self) -> str:
        """Return the language that it says it is in."""
        return self.elements[0].attributes["lang"]

    @property
    def links(self) -> Sequence[tuple[str, str]]:
        """Return (address, text) of every link."""
        return [(e.attributes["href"], e.text) for e in self.elements if e.tag == "a"]

    def link(self, text: str, *, path: str = "") -> str:
        """Return the address of the first link of this text (to this path)."""
        return next(
            href
            for href, said in self.links
            if said == text and urlsplit(href).path.startswith(path)
        )

    def rows(self, caption: str) -> list[list[str]]:
        """Return the texts of the rows of the first table that is called so."""
        start = next(
            i for i, e in enumerate(self.elements) if e.tag == "caption" and e.text == caption
        )
        rows: list[list[str]] = []
        for element in self.elements[start + 1 :]:
            if element.tag == "table":
                break
            if element.tag == "tr":
                rows.append([])
            elif element.tag in {"th", "td"} and rows:
                rows[-1].append(element.text)
        return rows[1:]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._apart(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.found.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop().tag == tag
            self._apart(tag)

    def _apart(self, tag: str) -> None:
        if tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)
