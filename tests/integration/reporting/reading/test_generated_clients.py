"""Clients that others generate from the OpenAPI file read a list and a summary of a real service."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from services.console.datasets.sample import sample_events
from services.reporting.app import compose
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.asking import ASKING
from tests.support.data_centre import REPOSITORY
from tests.support.sample_ledger import received
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENAPI = REPOSITORY / "shared/events/contract/openapi-reporting.json"
PYTHON_GENERATOR = "openapi-python-client==0.29.1"
NODE_PACKAGES = ("openapi-typescript@7.13.0", "openapi-fetch@0.14.0", "typescript@5.9.3")
# The account of Bắc Kạn city: 191 registrations of 2022.
PYTHON_PROGRAM = """
import sys
from reporting_client import Client
from reporting_client.api.reads import national_summaries_national_get as summary
from reporting_client.api.reads import registrations_registrations_get as registrations
client = Client(base_url=sys.argv[1])
page = registrations.sync(client=client, year=2022, limit=500)
total = summary.sync(client=client, year=2022)
print(len(page.items), page.items[0].plan_year, total.measures.registered)
"""
TYPESCRIPT_PROGRAM = """
import createClient from "openapi-fetch";
import type { paths } from "./ledger";

async function main(address: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: address });
  const list = await client.GET("/registrations", { params: { query: { year: 2022, limit: 500 } } });
  const summary = await client.GET("/summaries/national", { params: { query: { year: 2022 } } });
  const rows = list.data, figures = summary.data;
  // A list may be asked for as CSV too, which is text.
  if (!rows || !figures || typeof rows === "string" || typeof figures === "string") {
    throw new Error("no answer");
  }
  const year: number = figures.year;
  console.log(rows.items.length, year, figures.measures.registered);
}
declare const process: { argv: string[] };
main(process.argv[2]);
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample on a port of this machine."""
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path_factory.mktemp("clients"))})
    log = History().given(*map(received, sample_events())).log.as_family(Family.REPORTING)
    store = Store(settings.reporting_url)
    app = compose(settings, log, store, closing=(store.close,))
    with _served(app) as url:
        read = {"year": 2022, "known_at": log.head().position}  # until it is taken in
        assert ASKING.get(f"{url}/summaries/national", params=read).status_code == 200
        yield url


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    started = threading.Event()

    async def serve() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        started.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(30)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def _run(*command: str, cwd: Path, installs: bool = False) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if installs and done.returncode:
        pytest.skip(f"the registry does not give the generator: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


OPERATIONS = ("get", "post", "put", "delete", "patch", "head", "options")


def _operations(document: Any) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path, item[method])
        for path, item in document["paths"].items()
        for method in OPERATIONS
        if method in item
    ]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)


@pytest.mark.parametrize(
    "file", sorted(OPENAPI.parent.glob("openapi-*.json")), ids=lambda file: file.name
)
def test_a_document_has_what_generators_need(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    operations = _operations(document)
    names = [operation["operationId"] for _, operation in operations]
    assert all(name.isidentifier() for name in names)
    assert len(set(names)) == len(names) > 5
    for path, operation in operations:
        parameters = operation.get("parameters", [])
        in_path = {each["name"] for each in parameters if each["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), path
        assert all(each["required"] for each in parameters if each["in"] == "path")
        assert all("schema" in each for each in parameters), path
        answers = [
            a for a in operation["responses"].values() for a in a.get("content", {}).values()
        ]
        assert all("schema" in each for each in answers), path
    for reference in set(_references(document)):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_the_programs_use_operations_that_there_are() -> None:
    operations = _operations(json.loads(OPENAPI.read_text("utf-8")))
    known = {f"{each['tags'][0]} import {each['operationId']}" for _, each in operations}
    used = re.findall(r"api\.(\w+ import \w+)", PYTHON_PROGRAM)
    assert len(used) == 2
    assert set(used) <= known
    asked = re.findall(r'GET\("([^"]+)"', TYPESCRIPT_PROGRAM)
    assert len(asked) == 2
    assert set(asked) <= {path for path, _ in operations}


@pytest.mark.slow
def test_a_client_generated_in_python_reads(address: str, tmp_path: Path) -> None:
    _run(sys.executable, "-m", "venv", "tools", cwd=tmp_path)
    python = str(tmp_path / "tools/bin/python")
    _run(python, "-m", "pip", "install", "--quiet", PYTHON_GENERATOR, cwd=tmp_path, installs=True)
    generator = str(tmp_path / "tools/bin/openapi-python-client")
    _run(generator, "generate", "--path", str(OPENAPI), "--meta", "none", "--output-path",
         "reporting_client", cwd=tmp_path)  # fmt: skip
    (tmp_path / "read.py").write_text(PYTHON_PROGRAM, "utf-8")
    assert _run(python, "read.py", address, cwd=tmp_path).split() == ["191", "2022", "191"]


@pytest.mark.slow
def test_a_client_generated_in_typescript_reads(address: str, tmp_path: Path) -> None:
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("node and npm are not on this machine")
    _run("npm", "init", "--yes", cwd=tmp_path)
    _run("npm", "install", "--no-audit", "--no-fund", *NODE_PACKAGES, cwd=tmp_path, installs=True)
    bins = tmp_path / "node_modules/.bin"
    _run(str(bins / "openapi-typescript"), str(OPENAPI), "-o", "ledger.d.ts", cwd=tmp_path)
    (tmp_path / "read.ts").write_text(TYPESCRIPT_PROGRAM, "utf-8")
    compiler = ("--strict", "--skipLibCheck", "--target", "es2022", "--module", "node16")
    _run(str(bins / "tsc"), *compiler, "--moduleResolution", "node16", "read.ts", cwd=tmp_path)
    assert _run("node", "read.js", address, cwd=tmp_path).split() == ["191", "2022", "191"]
