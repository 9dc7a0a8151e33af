"""A name in a title is redacted on a running ledger: no file of its home has it any more."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from services.console.doctor.redis import address_of
from shared.bus.connections import connect
from shared.bus.streams import FIELD_EVENT, intake, receipts_for
from shared.settings import Settings
from shared.vocabulary import Family
from tests.e2e.dvk_command import Up, dvk_here, free_ports, up
from tests.support.asking import ASKING
from tests.support.cloudevents import COUNTRY, PUBLISHER, cloudevent, registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

NAME, PART, FOLDED = "Giàng Thị Zúmxơ", "Zúmxơ", "zumxo"
PATIENCE_SECONDS = 60.0


def until(answer: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := answer()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def sent(ledger: Up, name: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    answer = ASKING.post(
        f"http://127.0.0.1:{ledger.port + 1}/events",
        json=cloudevent(name, data, **attributes),
        headers={"Content-Type": "application/cloudevents+json"},
    )
    return {"http": answer.status_code, **answer.json()}


def shown(ledger: Up) -> list[str]:
    """Return the titles of the list of registrations."""
    answer = ASKING.get(f"{ledger.url}/registrations", params={"year": 2022})
    return [item["title"] for item in answer.json()["items"]] if answer.is_success else []


def receipts_of_intake(home: Path, data: dict[str, Any]) -> str:
    """Send an event over Redis, and return the receipts."""
    url = address_of(Settings.from_environment({"DVK_HOME": str(home)}))
    assert url is not None
    event = cloudevent("ModelRegistered", data, subject="registration/r-2")
    with connect(url) as redis:
        redis.xadd(intake(Family.REGISTRY), {FIELD_EVENT: json.dumps(event)})
        found = until(lambda: redis.xrange(receipts_for(PUBLISHER)))
    return "".join(value.decode() for _, fields in found for value in fields.values())


def holding(home: Path) -> dict[str, list[str]]:
    """Return the files of a home that hold the name in one of its written forms."""
    forms = [NAME, PART, FOLDED, json.dumps(PART)[1:-1], PART.lower()]
    needles = {form: form.encode() for form in forms}
    found: dict[str, list[str]] = {}
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        content = path.read_bytes()
        if held := [form for form, needle in needles.items() if needle in content]:
            found[str(path.relative_to(home))] = held
    return found


def levels(ledger: Up) -> tuple[str, str]:
    """Return what the doctor says of the chain and of the seal."""
    said = dvk_here("doctor", "--deep", "--json", env=ledger.env).stdout
    found = {each["check"]: each["level"] for each in json.loads(said)["checks"]}
    return found["chain"], found["seal"]


def test_no_file_of_a_ledger_has_a_redacted_name(tmp_path: Path) -> None:
    home = tmp_path / "home"
    older, newer = tmp_path / "older.jsonl", tmp_path / "newer.jsonl"
    with up(home, free_ports(), DVK_SAMPLE="0") as ledger:
        sent(ledger, "UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
        named = registration("1", title=f"Vườn mẫu của bà {NAME}", note=f"{NAME} phụ trách")
        position = sent(ledger, "ModelRegistered", named)["position"]
        # Refused by a rule, and by the door: neither answer is kept with the text.
        assert sent(ledger, "ModelRegistered", named)["http"] == 409
        wrong = {**registration("2"), "title": NAME, "plan_year": "năm nay"}
        assert sent(ledger, "ModelRegistered", wrong, subject="registration/r-2")["http"] == 422
        assert NAME not in receipts_of_intake(home, wrong)
        until(lambda: NAME in "".join(shown(ledger)))
        assert dvk_here("export", str(older), env=ledger.env).returncode == 0
        fields = ("--field", "/title", "--text", "Vườn mẫu", "--field", "/note", "--text", "…")
        asked = ("redact", "publish", str(position), *fields, "--ground", "request")
        told = dvk_here(*asked, env=ledger.env)
        assert told.returncode == 0, told.stdout + told.stderr
        until(lambda: dvk_here("redact", "apply", env=ledger.env).returncode == 0)
        assert shown(ledger) == ["Vườn mẫu"]
        until(lambda: levels(ledger) == ("well", "well"))  # once the sealer has followed
        assert dvk_here("export", str(newer), env=ledger.env).returncode == 0
        audited = dvk_here(
            "audit", str(newer), "--year", "2022", "--older", str(older), env=ledger.env
        )
        assert audited.returncode == 0, audited.stdout
        assert NAME in older.read_text("utf-8")
        assert NAME not in newer.read_text("utf-8")
        rebuilt = dvk_here("rebuild", env=ledger.env)
        assert rebuilt.returncode == 0, rebuilt.stdout
        assert shown(ledger) == ["Vườn mẫu"]
    assert holding(home) == {}
