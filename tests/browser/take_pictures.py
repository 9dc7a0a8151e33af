"""Pictures of the documents, taken from a running ledger: `make pictures`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.list_desk import settled, upload
from tests.e2e.dvk_command import free_ports, up_with
from tests.support.city_workbooks import registrations_with_faults, what_comes_before

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCREEN = {"width": 1280, "height": 900}


def main() -> None:
    """Upload the list of a city with faults, and take a picture of the page that names them."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=SCREEN, locale="vi-VN")  # type: ignore[arg-type]
        with up_with(what_comes_before(), Path(folder) / "home", free_ports()) as ledger:
            upload(page, ledger.desk, registrations_with_faults().content())
            settled(page, "Đã kiểm tra")
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / "checked-list.png")
        browser.close()


if __name__ == "__main__":
    main()
