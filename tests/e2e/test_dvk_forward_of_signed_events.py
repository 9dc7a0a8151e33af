"""docs/operations.md, Forward to the nation: a province starts from a copy of the nation's ledger.

What its publishers sign is signed in the nation too, and audited there.
"""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e.dvk_command import Up, dvk, free_ports, up, up_with_the_sample_alone
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.timeout(600)]
CITY = "gso-2004-058"
SIGNING = ("signature", "signkey", "signsalt")
EVENTS = 3
BEGINNING = 9
"""Events after that with which trust begins: of the desk, of two officers, and of the two publishers."""


def done(*arguments: str, ledger: Up, code: int = 0) -> str:
    ended = dvk(*arguments, env=ledger.env)
    assert ended.returncode == code, ended.stdout
    return str(ended.stdout)


def authorized(publisher: str, ledger: Up, home: Path, folder: Path) -> Path:
    """Make a key of a publisher, and authorise it in the ledger."""
    key, request = folder / f"{publisher}.key", folder / f"{publisher}.json"
    root = ("--as", "root", "--key", str(home / "keys" / "root.key"))
    done("key", "new", str(key), ledger=ledger)
    request.write_text(done("key", "request", str(key), publisher, ledger=ledger), "utf-8")
    done("trust", "authorize", publisher, CITY, "--from", "2004-01-01", *root, ledger=ledger)
    done("trust", "add-key", str(request), *root, ledger=ledger)
    return key


def last_events(ledger: Up, home: Path) -> list[dict[str, Any]]:
    """Return the last events of a ledger, read as its operator does."""
    token = (home / "token").read_text("ascii").strip()
    bearer = {"Authorization": f"Bearer {token}"}
    head = ASKING.get(f"{ledger.url}/completeness", timeout=30).json()["log"]["head"]
    address = f"{ledger.urls[1]}/events?after={head - EVENTS}"
    found: list[dict[str, Any]] = ASKING.get(address, headers=bearer, timeout=30).json()
    return found


def test_signatures_of_the_province_are_verified_in_an_audit_of_the_nation(tmp_path: Path) -> None:
    home, ports = tmp_path / "nation", free_ports()
    with up_with_the_sample_alone(home, ports) as nation:
        done("trust", "begin", "--realm", "test.example", ledger=nation)
        hue = authorized("hue", nation, home, tmp_path)
        line = authorized("hue-ledger", nation, home, tmp_path)
    copy = tmp_path / "province"
    shutil.copytree(home, copy)
    shutil.rmtree(copy / "seal", ignore_errors=True)
    events = tmp_path / "events.jsonl"
    stated = [
        {"org_id": f"o-{number}", "name": "Đảng ủy", "kind": "đảng ủy", "unit_id": CITY}
        for number in range(EVENTS)
    ]
    made = [cloudevent("OrganizationDefined", e, source="/publishers/hue") for e in stated]
    events.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in made))
    with (
        up(home, ports, DVK_SAMPLE="0") as nation,
        up(copy, free_ports(), DVK_SAMPLE="0", DVK_ORIGIN="hue/ledger") as province,
    ):
        done("publish", str(events), "--key", str(hue), ledger=province)
        way = ("forward", "--to", nation.url, "--as", "hue-ledger", "--once")
        done(*way, ledger=province, code=2)
        done(*way, "--key", str(hue), ledger=province, code=2)
        done(*way, "--key", str(line), ledger=province)
        there, here = last_events(province, copy), last_events(nation, home)
        assert [each["originledger"] for each in here] == ["/publishers/hue-ledger"] * EVENTS
        for name in (*SIGNING, "data", "id", "source"):
            assert [each[name] for each in here] == [each[name] for each in there]
        export = tmp_path / "nation.jsonl"
        done("export", str(export), ledger=nation)
        digest = (home / "trust").read_text("ascii").strip()
        audited = done("audit", str(export), "--trust", digest, ledger=nation)
        assert f"{BEGINNING + EVENTS} sự kiện từ sau vị trí" in audited, audited
