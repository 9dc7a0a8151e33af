"""docs/operations.md, Forward to the nation: a province starts from a copy of the nation's ledger.

What its publishers sign is signed in the nation too, and audited there. A province that joins later
starts from a copy which has what the first one forwarded.
"""

import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
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
"""Events after that with which trust begins: of the desk, of two officers, of the three publishers."""


def done(*arguments: str, ledger: Up, code: int = 0) -> str:
    ended = dvk(*arguments, env=ledger.env)
    assert ended.returncode == code, ended.stdout
    return str(ended.stdout)


ROOT = ("--as", "root", "--key")


def requested(publisher: str, ledger: Up, folder: Path, name: str) -> tuple[Path, Path]:
    """Make a key of a publisher; return its file and the request for the root."""
    key, request = folder / f"{name}.key", folder / f"{name}.json"
    done("key", "new", str(key), ledger=ledger)
    request.write_text(done("key", "request", str(key), publisher, ledger=ledger), "utf-8")
    return key, request


def authorized(publisher: str, ledger: Up, home: Path, folder: Path, use: str = "events") -> Path:
    """Make a key of a publisher, and authorise it in the ledger; one that forwards needs no right."""
    key, request = requested(publisher, ledger, folder, publisher)
    root = (*ROOT, str(home / "keys" / "root.key"))
    if use == "events":
        done("trust", "authorize", publisher, CITY, "--from", "2004-01-01", *root, ledger=ledger)
    done("trust", "add-key", str(request), "--use", use, *root, ledger=ledger)
    return key


def backed_up(home: Path, to: Path) -> Path:
    """Begin a province with a backup of the nation's log, and nothing else of it."""
    to.mkdir()
    of, copy = sqlite3.connect(home / "log.db"), sqlite3.connect(to / "log.db")
    with closing(of), closing(copy):
        of.backup(copy)
        with copy:
            copy.execute("DELETE FROM log_origins")
    return to


def reads_its_own(province: Up, home: Path, both: Sequence[Up], folder: Path) -> None:
    """Give `dvk forward` of a province a token, and let a root make it a reader in both ledgers."""
    made, role = done("account", "token", "line", "--add", ledger=province), folder / "role.jsonl"
    root = (*ROOT, str(home / "keys" / "root.key"))
    granted = ("account", "grant", "line", "reader", "vn", *root, "--out", str(role))
    done(*granted, ledger=province)
    for ledger in both:
        done("publish", str(role), ledger=ledger)
    (token,) = re.findall(r"^[\w-]{43}$", made, re.MULTILINE)
    province.env["DVK_TOKEN"] = token


def written(folder: Path, name: str, publisher: str = "hue") -> Path:
    """Write events of a publisher, that of both provinces if it is not stated."""
    stated = [
        {"org_id": f"{name}-{number}", "name": "Đảng ủy", "kind": "đảng ủy", "unit_id": CITY}
        for number in range(EVENTS)
    ]
    made = [cloudevent("OrganizationDefined", e, source=f"/publishers/{publisher}") for e in stated]
    events = folder / f"{name}.jsonl"
    events.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in made))
    return events


def last_events(ledger: Up, home: Path) -> list[dict[str, Any]]:
    """Return the last events of a ledger, read as its operator does."""
    token = (home / "token").read_text("ascii").strip()
    bearer = {"Authorization": f"Bearer {token}"}
    head = ASKING.get(f"{ledger.url}/completeness", timeout=30).json()["log"]["head"]
    address = f"{ledger.urls[1]}/events?after={head - EVENTS}"
    found: list[dict[str, Any]] = ASKING.get(address, headers=bearer, timeout=30).json()
    return found


def test_signatures_of_provinces_are_verified_in_an_audit_of_the_nation(tmp_path: Path) -> None:
    home, ports = tmp_path / "nation", free_ports()
    with up_with_the_sample_alone(home, ports) as nation:
        done("trust", "begin", "--realm", "test.example", ledger=nation)
        hue = authorized("hue", nation, home, tmp_path)
        line = authorized("hue-ledger", nation, home, tmp_path, "forwarding")
        later_line = authorized("later-ledger", nation, home, tmp_path, "forwarding")
    copy = tmp_path / "province"
    shutil.copytree(home, copy)
    shutil.rmtree(copy / "seal", ignore_errors=True)
    with (
        up(home, ports, DVK_SAMPLE="0") as nation,
        up(copy, free_ports(), DVK_SAMPLE="0", DVK_ORIGIN="hue/ledger") as province,
    ):
        done("publish", str(written(tmp_path, "o")), "--key", str(hue), ledger=province)
        way = ("forward", "--to", nation.url, "--as", "hue-ledger", "--once")
        done(*way, ledger=province, code=2)
        done(*way, "--key", str(hue), ledger=province, code=2)
        done(*way, "--key", str(line), ledger=province)
        own = written(tmp_path, "q", "hue-ledger")
        assert "unknown_key" in done("publish", str(own), "--key", str(line), ledger=nation, code=1)
        there, here = last_events(province, copy), last_events(nation, home)
        assert [each["originledger"] for each in here] == ["/publishers/hue-ledger"] * EVENTS
        for name in (*SIGNING, "data", "id", "source"):
            assert [each[name] for each in here] == [each[name] for each in there]
        new, request = requested("hue", nation, tmp_path, "hue-2")
    later = backed_up(home, tmp_path / "later")
    digest = (home / "trust").read_text("ascii").strip()
    own_settings = {"DVK_ORIGIN": "later/ledger", "DVK_TRUST": digest, "DVK_REALM": "test.example"}
    with (
        up(home, ports, DVK_SAMPLE="0") as nation,
        up(later, free_ports(), DVK_SAMPLE="0", **own_settings) as province,
    ):
        reads_its_own(province, home, (nation, province), tmp_path)
        added = tmp_path / "added.jsonl"
        root = (*ROOT, str(home / "keys" / "root.key"))
        done("trust", "add-key", str(request), *root, "--out", str(added), ledger=nation)
        done("publish", str(added), ledger=nation)
        events = str(written(tmp_path, "p"))
        refused = done("publish", events, "--key", str(new), ledger=province, code=1)
        assert "unknown_key" in refused, "the nation's new key has not reached the province"
        done("publish", str(added), ledger=province)
        done("publish", events, "--key", str(new), ledger=province)
        way = ("forward", "--to", nation.url, "--as", "later-ledger", "--key", str(later_line))
        done(*way, "--once", ledger=province)
        status = done("forward", "status", ledger=province)
        assert "là bản sao của sổ ấy đến vị trí" in status, status
        here = last_events(nation, home)
        assert [each["originledger"] for each in here] == ["/publishers/later-ledger"] * EVENTS
        export = tmp_path / "nation.jsonl"
        done("export", str(export), ledger=nation)
        audited = done("audit", str(export), "--trust", digest, ledger=nation)
        assert f"{BEGINNING + 2 * EVENTS + 2} sự kiện từ sau vị trí" in audited, audited
