"""An auditor's day: export, audit, close, correct late, and see what changed and by which event."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.dvk_command import (
    Up,
    dvk,
    dvk_here,
    free_ports,
    until_complete,
    up_with_the_sample_alone,
)
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent
from tests.support.event_builders import DECISION

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
CITY = "gso-2004-058"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("audited") / "home"
    with up_with_the_sample_alone(home, free_ports()) as running:
        yield running


@pytest.fixture(scope="module")
def exported(ledger: Up, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "log.jsonl"
    done = dvk("export", str(file), "--at", ledger.url, env=ledger.env)
    assert done.returncode == 0, done.stdout
    return file


def published(ledger: Up, service: int, name: str, data: dict[str, Any]) -> int:
    """Publish one event to the service on a port and return its position."""
    answer = ASKING.post(
        f"http://127.0.0.1:{ledger.port + service}/events",
        json=cloudevent(name, data),
        headers={"Content-Type": "application/cloudevents+json"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    until_complete(ledger)
    return int(answer.json()["position"])


def closing(ledger: Up, known_at: int) -> dict[str, Any]:
    """Return what closes the city's year at a position, as its summary states it."""
    asked = {"year": 2022, "known_at": known_at}
    url = f"{ledger.url}/summaries/units/{CITY}"
    summary = ASKING.get(url, params=asked, timeout=10).raise_for_status().json()
    stated = {"unit_id": CITY, "plan_year": 2022, "occurred_on": "2023-01-31"}
    return {**stated, "position": known_at, "digest": summary["digest"]}


def test_an_export_of_a_running_ledger_is_audited_without_it_and_against_it(
    ledger: Up, exported: Path
) -> None:
    alone = dvk("audit", str(exported), "--year", "2022", env=ledger.env)
    assert alone.returncode == 0, alone.stdout
    assert "hai cách đọc khớp" in alone.stdout
    against = dvk(
        "audit", str(exported), "--year", "2022", "--unit", CITY, "--map", "2022-12-31",
        "--address", ledger.url, env=ledger.env,
    )  # fmt: skip
    assert against.returncode == 0, against.stdout
    assert "máy chủ khớp" in against.stdout
    assert "191" in against.stdout
    # Its log is sealed, so that the file is bound to a checkpoint, which the ledger goes on from.
    assert exported.read_bytes().startswith(b'{"dvk_export":2,')
    assert "continues the file's" in against.stdout


def test_a_year_alone_is_audited_and_no_other(ledger: Up, tmp_path: Path) -> None:
    file = tmp_path / "2022.jsonl"
    done = dvk_here("export", str(file), "--year", "2022", "--at", ledger.url, env=ledger.env)
    assert done.returncode == 0, done.stdout
    assert dvk_here("audit", str(file), "--year", "2022", env=ledger.env).returncode == 0
    other = dvk_here("audit", str(file), "--year", "2021", env=ledger.env)
    assert (other.returncode, "2022" in other.stdout) == (2, True)


def test_a_changed_export_is_refused_with_the_position(
    ledger: Up, exported: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.jsonl"
    lines = exported.read_bytes().splitlines(keepends=True)
    lines[300] = lines[300].replace(b'"occurred_on":"2022-', b'"occurred_on":"2021-')
    changed.write_bytes(b"".join(lines))
    done = dvk_here("audit", str(changed), "--year", "2022", env=ledger.env)
    assert done.returncode == 1
    assert "vị trí 300" in done.stdout


def test_what_is_no_export_and_a_unit_that_is_none_are_refused_clearly(
    ledger: Up, exported: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("xin chào\n", "utf-8")
    assert dvk_here("audit", str(other), env=ledger.env).returncode == 2
    nowhere = dvk_here(
        "audit", str(exported), "--year", "2022", "--unit", "nowhere", env=ledger.env
    )
    assert (nowhere.returncode, "nowhere" in nowhere.stdout) == (2, True)


def test_a_late_award_changes_a_closed_year_visibly_and_is_named(
    ledger: Up, tmp_path: Path
) -> None:
    head = ASKING.get(f"{ledger.url}/completeness", timeout=10).json()["log"]["head"]
    published(ledger, 0, "PeriodClosed", closing(ledger, head))
    granted = {
        "award_id": "late-1",
        "award_form": "giay_khen",
        "grantor_org_id": "bk-058-bcd",
        "unit_id": CITY,
        "plan_year": 2022,
        "recipient": {"kind": "collective", "org_id": "bk-058-bcd"},
        "basis": {"kind": "career"},
        "decision": DECISION,
        "occurred_on": "2022-12-20",
    }
    late = published(ledger, 2, "AwardGranted", granted)
    told = dvk_here(
        "diff", "--from", str(head), "--year", "2022", "--unit", CITY, "--at", ledger.url,
        env=ledger.env,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
    assert "Tặng khen thưởng: Giấy khen" in told.stdout
    assert "AwardGranted.v1 · award/late-1" in told.stdout
    assert "Căn cứ: Quyết định số 01-QĐ/TU ngày 01/12/2022" in told.stdout
    file = tmp_path / "closed.jsonl"
    dvk_here("export", str(file), "--address", ledger.url, env=ledger.env)
    audited = dvk_here("audit", str(file), "--year", "2022", "--unit", CITY, env=ledger.env)
    assert audited.returncode == 0, audited.stdout
    assert "cả hai cách đọc tính lại đúng" in audited.stdout
    assert f"vị trí {late}" in audited.stdout.replace(".", "")
    assert "Tặng khen thưởng: Giấy khen" in audited.stdout
    assert "Quyết định số 01-QĐ/TU ngày 01/12/2022" in audited.stdout


def test_an_archive_gives_the_figures_of_the_server_and_a_changed_one_gives_none(
    ledger: Up, tmp_path: Path
) -> None:
    to = tmp_path / "archive"
    done = dvk_here("archive", "--to", str(to), "--positions", "100", env=ledger.env)
    assert done.returncode == 0, done.stdout
    files = sorted((to / "log").iterdir())
    last = int(files[-1].name.removesuffix(".parquet").partition("-")[2])
    assert last % 100 == 0 < last

    asked = ("--archive", str(to), "--year", "2022", "--unit", CITY)
    done = dvk("audit", *asked, "--address", ledger.url, env=ledger.env)
    assert done.returncode == 0, done.stdout
    assert "cells agree with the server" in done.stdout

    contents = bytearray(files[0].read_bytes())
    contents[100] ^= 1
    files[0].write_bytes(contents)
    done = dvk_here("audit", *asked, env=ledger.env)
    assert done.returncode == 1, done.stdout
    assert files[0].name in done.stdout
    assert "Được công nhận" not in done.stdout
