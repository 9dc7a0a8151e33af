"""The programs of docs/publishing.md sign as the ledger verifies: each is run as it is printed."""

import json
import shutil
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from shared.events.canonical_json import canonical
from shared.trust.authority import Authority
from shared.trust.keys import key_id_of, public_key
from shared.trust.reads.request_signature import RequestSignature, SignedRequest
from shared.trust.signature_check import SignatureCheck
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country
from tests.support.scenarios import History
from tests.support.trusted import REALM, ROOTS, authorized, began, spoken, taken

PROGRAMS = Path(__file__).parents[3] / "docs" / "publishing"
PUBLISHER = "thai-nguyen"


def needs(*names: str) -> pytest.MarkDecorator:
    missing = [name for name in names if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def run(*command: str | Path, given: str = "") -> str:
    done = subprocess.run(
        list(map(str, command)), input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "province.pem"
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", path)
    return path


@pytest.fixture(scope="module")
def request_for_key(key: Path) -> dict[str, str]:
    request: dict[str, str] = json.loads(
        run(PROGRAMS / "sign.sh", "request", key, REALM, PUBLISHER)
    )
    assert request.pop("realm") == REALM
    return request


@pytest.fixture(scope="module")
def authority(request_for_key: dict[str, str]) -> Authority:
    """A log on which the registry accepted the request of the shell."""
    history = History().given(country(), began(), authorized(PUBLISHER, "vn"))
    data = {**request_for_key, "use": "events", "occurred_on": "2026-01-01"}
    history.given(spoken("KeyAdded", data, ROOTS[0]))
    return history.deciders[Family.REGISTRY].authority


def events(count: int) -> list[dict[str, Any]]:
    titles = ("Hiến đất làm đường", 'Ngoặc "kép"', "trên — dưới", "tab\tvà\nxuống dòng", "é")
    return [
        cloudevent(
            "OrganizationDefined",
            {
                "org_id": f"o-{n}",
                "name": "Ban Dân vận",
                "kind": "ban",
                "unit_id": "vn",
                "note": titles[n % 5],
                "external_ids": {"b": 1.5, "a": [2, None], "Ă": {}},
            },
            source=f"/publishers/{PUBLISHER}",
        )
        for n in range(count)
    ]


def codes(signed: str, authority: Authority) -> list[str | None]:
    received = [taken(json.loads(line)) for line in signed.splitlines()]
    checked = SignatureCheck(lambda: authority, lambda: None).check(received)
    problems = [getattr(event, "problem", None) for event in checked]
    return [problem and problem.rule.code for problem in problems]


@needs("openssl", "jq")
def test_the_shell_signs(key: Path, authority: Authority) -> None:
    for event in events(5):
        signed = run(PROGRAMS / "sign.sh", key, REALM, given=json.dumps(event))
        assert codes(signed, authority) == [None], event


@needs("openssl", "curl")
def test_the_shell_signs_its_reads(key: Path, request_for_key: dict[str, str]) -> None:
    seen: list[SignedRequest] = []
    headers: list[str | None] = []

    class Ledger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            seen.append(SignedRequest(self.command, self.headers["Host"], path, query))
            headers[:] = [self.headers["Signature-Input"], self.headers["Signature"]]
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Ledger) as server:
        for target in ("/registry/parked?source=%2Fpublishers%2Fa&limit=2", "/receipts"):
            answering = Thread(target=server.handle_request)
            answering.start()
            url = f"http://127.0.0.1:{server.server_port}{target}"
            assert run(PROGRAMS / "read.sh", key, url) == "{}"
            answering.join()
            read = RequestSignature.read(headers[0] or "", headers[1] or "")
            assert read is not None
            public = public_key(request_for_key["key"])
            assert public is not None
            assert read.key_id == key_id_of(public)
            assert abs(read.created - time.time()) < 60
            assert read.is_of(public, seen[-1])
            assert not read.is_of(public, seen[-1]._replace(path="/elsewhere"))


@needs("openssl", "jq", "node")
def test_node_signs(key: Path, authority: Authority) -> None:
    for event in events(5):
        signed = run("node", PROGRAMS / "sign.mjs", key, REALM, given=json.dumps(event))
        assert codes(signed, authority) == [None], event


@needs("openssl", "jq")
@pytest.mark.parametrize("count", [1, 5, 33, 70])
def test_python_signs_in_batches(count: int, key: Path, authority: Authority) -> None:
    given = "\n".join(map(json.dumps, events(count)))
    signed = run(sys.executable, PROGRAMS / "sign.py", key, REALM, given=given)
    assert codes(signed, authority) == [None] * count


@needs("openssl", "jq", "java")
def test_java_signs(key: Path, request_for_key: dict[str, str], authority: Authority) -> None:
    public = request_for_key["key"].removeprefix("ed25519:")
    (event,) = events(1)
    given = canonical(event).decode()
    signed = run("java", PROGRAMS / "Sign.java", key, REALM, public, given=given)
    assert codes(signed, authority) == [None]
