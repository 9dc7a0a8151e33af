"""The bill of materials is what the lock has, and an advisory of a dependency fails `make lint`."""

import json
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.supply_chain.advisories import SECONDS, audited
from tests.supply_chain.sbom import bill_of_materials

PRODUCT = "dan-van-kheo-ledger"
COPYLEFT = {"psycopg", "psycopg-binary"}
"""Used unchanged as libraries (ADR 6)."""


@pytest.fixture(scope="module")
def uv(repository: Path) -> str:
    found = repository / ".bootstrap/bin/uv"
    if not found.is_file():
        pytest.skip("the lock is read with uv of .bootstrap/, which `make install` makes")
    return str(found)


@pytest.fixture(scope="module")
def locked(repository: Path) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each package that the image has, read from the lock without uv."""
    packages: dict[str, list[Any]] = {}
    for package in tomllib.loads((repository / "uv.lock").read_text("utf-8"))["package"]:
        packages.setdefault(package["name"], []).append(package)
    seen: set[tuple[str, str]] = set()
    waiting = [(PRODUCT, ""), (PRODUCT, "archive")]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for package in packages[name]:
            further = package.get("optional-dependencies", {}).get(extra, ())
            for each in (*package.get("dependencies", ()), *further):
                waiting += [(each["name"], of) for of in ("", *each.get("extra", ()))]
    return {
        (name, package["version"]): {
            file["hash"].removeprefix("sha256:")
            for file in (*package.get("wheels", ()), *filter(None, (package.get("sdist"),)))
        }
        for name in {name for name, _ in seen} - {PRODUCT}
        for package in packages[name]
    }  # some packages have one version for each Python


@pytest.fixture(scope="module")
def bill(uv: str) -> dict[str, Any]:
    return bill_of_materials(uv)


def test_the_bill_of_materials_lists_what_the_lock_has(
    bill: dict[str, Any], locked: dict[tuple[str, str], set[str]]
) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    listed = {
        (each["name"], each["version"]): {
            made["content"]
            for file in each["externalReferences"]
            for made in file.get("hashes", ())
        }
        for each in bill["components"]
    }
    assert listed == locked
    assert len(listed) == len(bill["components"]) > 30
    for each in bill["components"]:
        assert each["purl"].partition("?")[0] == f"pkg:pypi/{each['name']}@{each['version']}"


def test_the_bill_of_materials_is_the_same_for_the_same_lock(uv: str, bill: dict[str, Any]) -> None:
    assert bill_of_materials(uv) == bill
    assert "timestamp" not in bill["metadata"]


def test_no_dependency_asks_for_more_than_ours_gives(bill: dict[str, Any]) -> None:
    stated = {each["name"]: json.dumps(each.get("licenses", [])) for each in bill["components"]}
    assert {name for name, said in stated.items() if "GPL" in said} <= COPYLEFT


class _Advisories(BaseHTTPRequestHandler):
    """A service of advisories that knows one, of a package of the product."""

    PACKAGE = "jinja2"
    SILENT_SECONDS = 0.0

    def do_POST(self) -> None:
        time.sleep(self.SILENT_SECONDS)
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        one = {"id": "GHSA-test", "modified": "2026-01-01T00:00:00Z"}
        self._answer({
            "results": [
                {"vulns": [one]} if each["package"]["name"] == self.PACKAGE else {}
                for each in asked["queries"]
            ]
        })  # fmt: skip

    def do_GET(self) -> None:
        affected = {"package": {"name": self.PACKAGE, "ecosystem": "PyPI"}}
        modified = "2026-01-01T00:00:00Z"
        self._answer(
            {"id": "GHSA-test", "modified": modified, "summary": "bad", "affected": [affected]}
        )

    def _answer(self, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """Lets as many wait as ask at once: whom it turns away asks again after seconds only."""

    request_queue_size = 256


def _asking(service: str) -> tuple[str, ...]:
    """Return the options that ask one service only: an index that is away is waited for 15 s."""
    return "--service-url", service, "--no-index"


@pytest.fixture
def advisories() -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), _Advisories)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_advisory_of_a_dependency_fails_the_check(uv: str, advisories: str) -> None:
    code, said = audited(uv, _asking(advisories))
    assert (code, "GHSA-test" in said, "jinja2" in said) == (1, True, True), said


def test_without_an_advisory_it_passes(
    uv: str, advisories: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Advisories, "PACKAGE", "another")
    code, said = audited(uv, _asking(advisories))
    assert (code, "NOT CHECKED" in said) == (0, False), said


def test_without_a_network_it_passes_loudly_and_soon(uv: str) -> None:
    before = time.monotonic()
    code, said = audited(uv, _asking("http://127.0.0.1:1/"))
    assert (code, said.startswith("NOT CHECKED: ")) == (0, True)
    assert len(said.splitlines()) == 1
    assert time.monotonic() - before < 2 * SECONDS
