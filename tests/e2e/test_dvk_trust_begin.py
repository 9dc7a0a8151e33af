"""docs/operations.md, Trust: `dvk trust begin` beside a running `dvk up` of one person."""

import os
import re
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.dvk_command import dvk, free_ports, up

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]
PATIENCE_SECONDS = 30


def settled(url: str, status: int) -> None:
    """Return when an address answers with a status."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = httpx.get(url, trust_env=False).status_code
        except httpx.TransportError:
            found = 0
        if found == status:
            return
        assert time.monotonic() < deadline, (url, found)
        time.sleep(0.05)


def test_one_person_goes_on_without_a_restart_of_the_ledger(tmp_path: Path) -> None:
    with up(tmp_path / "home", free_ports(), DVK_SAMPLE="0") as ledger:
        begun = dvk("trust", "begin", "--realm", "test.example", env=ledger.env)
        assert begun.returncode == 0, begun.stdout
        (link,) = re.findall(r"http://\S+/sign-in/link\?link=\S+", begun.stdout)
        settled(link, 200)
        private = (
            f"{ledger.url}/registrations",
            f"{ledger.urls[1]}/events",
            f"{ledger.desk}/lists/",
        )
        for address in private:
            settled(address, 401)
        # A service that dies is started again with the pin of the beginning.
        os.kill(ledger.children()["registry"], signal.SIGKILL)
        settled(f"{ledger.urls[1]}/readyz", 200)
        settled(private[1], 401)
        assert dvk("quarantine", "list", env=ledger.env).returncode == 0
