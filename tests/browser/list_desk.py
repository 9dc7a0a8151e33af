"""The list desk used in a browser: a list is uploaded, and its page is settled."""

from playwright.sync_api import Page, expect

from tests.browser.following import follow
from tests.support.city_workbooks import UNIT, YEAR

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKING_MS = 30_000


def upload(
    page: Page, desk: str, content: bytes, kind: str = "registrations", unit: str = UNIT
) -> None:
    """Fill in the first page of the desk and have a file checked."""
    page.goto(f"{desk}/lists/?lang=vi")
    form = page.locator("form[method=post]")
    form.get_by_label("Loại danh sách").select_option(kind)
    form.get_by_label("Đơn vị của danh sách").fill(unit)
    form.get_by_label("Năm", exact=True).fill(str(YEAR))
    form.get_by_label("Đây là năm đầu tiên").check()
    file = {"name": f"Danh sách {YEAR}.xlsx", "mimeType": WORKBOOK, "buffer": content}
    form.get_by_label("Tệp Excel").set_input_files(file)  # type: ignore[arg-type]
    follow(form.get_by_role("button", name="Kiểm tra"))


def settled(page: Page, stage: str) -> None:
    """Wait until the page, which reloads by itself, says that the work is done, and how it ended."""
    expect(page.locator("progress")).to_have_count(0, timeout=WORKING_MS)
    assert stage in page.get_by_role("status").inner_text(), page.locator("main").inner_text()
