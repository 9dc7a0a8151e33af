"""The news of a unit, read from its Atom feeds: events between two positions, signals by day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, fromstring

import httpx

from services.console.client.http_client import Unanswered, get_json, response_of
from shared.clock import HANOI

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATOM = "{http://www.w3.org/2005/Atom}"
_ENTRY_ID = re.compile(r"tag:[^:]+:([0-9]+)/.+")
MOST_ENTRIES = 200
"""The number of entries that a digest names; of more it says that there are more."""


class NewsItem(NamedTuple):
    """An entry: its position, its kind in words, title, lines and page."""

    position: int
    kind: str
    title: str
    lines: Sequence[str]
    address: str


class News(NamedTuple):
    """The entries, the newest first, the title and page of the unit; `more`: there are others."""

    title: str
    page: str
    items: Sequence[NewsItem]
    more: bool


NO_NEWS = News("", "", (), more=False)


@dataclass(frozen=True)
class NewsReader:
    """Reads a ledger's reporting service over HTTP."""

    client: httpx.Client
    reporting: str

    def reached(self) -> int:
        """Return the position that every read model has reached."""
        completeness = get_json(self.client, f"{self.reporting}/completeness", {})
        return min(int(each["position"]) for each in completeness["read_models"])

    def news(self, unit: str, of: Sequence[str], lang: str, between: tuple[int, int]) -> News:
        """Return the entries after one position and up to another; raises `Unanswered`."""
        after, until = between
        before = until + 1
        items: list[NewsItem] = []
        while True:
            query = httpx.QueryParams({"lang": lang, "before": before, "of": list(of)})
            feed = self._feed(unit, query)
            found = [_item(each) for each in feed.findall(f"{_ATOM}entry")]
            items += [each for each in found if each.position > after]
            further = _before(feed)
            if further is None or further <= after + 1 or len(items) > MOST_ENTRIES:
                break
            before = further
        title, page = str(feed.findtext(f"{_ATOM}title")), _link(feed, "alternate")
        return News(title, str(page), items[:MOST_ENTRIES], len(items) > MOST_ENTRIES)

    def last_judged(self, unit: str) -> date:
        """Return the last day that the feed of signals covers."""
        return _judged(self._feed(f"{unit}/signals", httpx.QueryParams()))

    def signals(self, unit: str, lang: str, between: tuple[date, date]) -> News:
        """Return the entries of signals after one day and up to another; raises `Unanswered`."""
        after, until = between
        before = until + timedelta(1)
        items: list[NewsItem] = []
        while True:
            query = httpx.QueryParams({"lang": lang, "before": before.isoformat()})
            feed = self._feed(f"{unit}/signals", query)
            found = feed.findall(f"{_ATOM}entry")
            items += [_item(each) for each in found if _day_of(each) > after]
            further = re.search(r"[?&]before=([0-9-]+)", _link(feed, "next") or "")
            if further is None or date.fromisoformat(further[1]) <= after + timedelta(1):
                break
            before = date.fromisoformat(further[1])
        title, page = str(feed.findtext(f"{_ATOM}title")), str(_link(feed, "alternate"))
        return News(title, page, items, more=False)

    def differences(self, unit: str, lang: str, between: tuple[int, int]) -> bytes:
        """Return the workbook of a unit's figures before and after, as its page gives it."""
        stated = {
            "unit": unit,
            "since": str(between[0]),
            "known_at": str(between[1]),
            **({"lang": lang} if lang != "vi" else {}),
            "format": "xlsx",
        }
        return response_of(self.client, f"{self.reporting}/pages/changes", stated).content

    def _feed(self, name: str, query: httpx.QueryParams) -> Element:
        address = f"{self.reporting}/feeds/{name}.atom"
        answer = response_of(self.client, address, query)
        try:
            return fromstring(answer.content)  # noqa: S314  of the ledger itself
        except SyntaxError as error:
            message = f"{address}: {error}"
            raise Unanswered(message) from error


def _item(entry: Element) -> NewsItem:
    found = _ENTRY_ID.fullmatch(str(entry.findtext(f"{_ATOM}id")))
    category = entry.find(f"{_ATOM}category")
    if found is None or category is None:
        raise Unanswered("an entry of the feed has no position")
    lines = (entry.findtext(f"{_ATOM}summary") or "").splitlines()
    title, address = str(entry.findtext(f"{_ATOM}title")), str(_link(entry, "alternate"))
    return NewsItem(int(found[1]), str(category.get("label")), title, lines, address)


def _day_of(entry: Element) -> date:
    """Return the day of an entry of signals, the end of its id."""
    return date.fromisoformat(str(entry.findtext(f"{_ATOM}id")).rpartition("/")[2])


def _judged(feed: Element) -> date:
    """Return the last day of a feed of signals, at whose end it was updated."""
    return datetime.fromisoformat(str(feed.findtext(f"{_ATOM}updated"))).astimezone(HANOI).date()


def _link(element: Element, rel: str) -> str | None:
    links = element.findall(f"{_ATOM}link")
    return next((each.get("href") for each in links if each.get("rel") == rel), None)


def _before(feed: Element) -> int | None:
    found = re.search(r"[?&]before=([0-9]+)", _link(feed, "next") or "")
    return int(found[1]) if found else None
