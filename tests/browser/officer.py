"""A reader who begins at the first page and counts each click."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser.following import follow

MOST = 3


@dataclass
class Officer:
    """A reader who begins at the first page; every click and every sent form counts."""

    page: Page
    clicks: int = field(default=0)

    def click(self, what: Locator) -> None:
        follow(what)
        self.clicks += 1

    def open(self, words: str) -> None:
        """Unfold a part of the page."""
        self.page.locator("summary", has_text=words).click()
        self.clicks += 1

    def link(self, words: str) -> None:
        self.click(self.page.get_by_role("link", name=words, exact=True).first)

    def find(self, words: str) -> None:
        self.page.get_by_role("searchbox").first.fill(words)
        self.click(self.page.get_by_role("button", name="Tìm", exact=True).first)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def units(self) -> Locator:
        """Return the table of units of a year's page."""
        return self.page.locator("section#units table").first

    def heads(self, table: Locator) -> list[str]:
        return [each.strip() for each in table.locator("thead th").all_inner_texts()]


@contextmanager
def asking(page: Page, year: int) -> Iterator[Officer]:
    """Give an officer at the page of the nation's year; the answer takes at most three clicks."""
    page.goto(f"/?year={year}")
    reader = Officer(page)
    yield reader
    assert 0 < reader.clicks <= MOST
