"""Links and buttons that lead to another page."""

from playwright.sync_api import Locator


def follow(link: Locator) -> None:
    """Click and wait for the page: what is read next is never that of the page before."""
    with link.page.expect_navigation():
        link.click()
