"""What the READMEs tell a reader to type does what they say, in the order in which it stands."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.dvk_command import Up, free_ports, up_with_the_sample_alone
from tests.support.redis_server import own_redis_server

pytestmark = [
    pytest.mark.redis,
    pytest.mark.processes,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed"),
]
REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Run the ledger on a Redis whose address we know, as the README says."""
    with own_redis_server() as redis:
        # The redis-cli of the wheel reads a password only behind the name of a user.
        url = redis.url.replace("redis://:", "redis://default:")
        home = tmp_path_factory.mktemp("readme") / "home"
        with up_with_the_sample_alone(home, free_ports(), REDIS_URL=url) as running:
            yield running


def _blocks(page: str) -> list[str]:
    return BLOCK.findall((REPOSITORY / page).read_text("utf-8"))


def _typed(block: str, ledger: Up, folder: Path) -> str:
    """Run a block in a shell, on the ports of this ledger; return what it prints."""
    script = re.sub(
        r"127\.0\.0\.1:(808\d)", lambda hit: f"127.0.0.1:{ledger.port + int(hit[1]) - 8080}", block
    )
    wheels = str(Path(sys.executable).parent)  # a redis-cli, where the machine has none
    environment = {**os.environ, **ledger.env, "PATH": f"{os.environ['PATH']}:{wheels}"}
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_that_a_reader_types_does_what_the_page_says(
    ledger: Up, tmp_path: Path
) -> None:
    commands, summary, publish, stream = _blocks("README.md")
    assert re.findall(r"^make [a-z]+", commands, re.MULTILINE) == ["make run", "make test"]

    assert json.loads(_typed(summary, ledger, tmp_path))["measures"]["registered"] == 191

    first = json.loads(_typed(publish, ledger, tmp_path))
    assert first["status"] == "accepted"
    again = json.loads(_typed(publish, ledger, tmp_path))
    assert (again["status"], again["position"]) == ("duplicate", first["position"])

    answered = _typed(stream, ledger, tmp_path)
    (receipt,) = [json.loads(line) for line in answered.splitlines() if line.startswith("{")]
    assert (receipt["status"], receipt["position"]) == ("duplicate", first["position"])


def test_both_languages_tell_the_same_commands() -> None:
    plain, translated = (
        [re.sub(r" *# .*", "", block) for block in _blocks(page)]
        for page in ("README.md", "README.vi.md")
    )
    assert plain == translated
