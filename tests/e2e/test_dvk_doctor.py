"""`dvk doctor` on real processes: well while they are, and right about what is done to them."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.dvk_command import (
    Up,
    dvk,
    free_ports,
    until_complete,
    up_with_the_sample_alone,
)

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(300)]


def examined(ledger: Up, *options: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and every check by name."""
    told = dvk("doctor", "--json", *options, env=ledger.env)
    return told.returncode, {each["check"]: each for each in json.loads(told.stdout)["checks"]}


def test_a_running_ledger_is_well_and_what_is_stopped_is_found_and_goes_on(tmp_path: Path) -> None:
    with up_with_the_sample_alone(tmp_path / "home", free_ports()) as ledger:
        until_complete(ledger)
        code, checks = examined(ledger, "--deep")
        assert (code, {each["level"] for each in checks.values()}) == (0, {"well"})
        assert "641" in checks["chain"]["found"]["en"]
        children = ledger.children()

        os.kill(children["registry"], signal.SIGSTOP)
        code, checks = examined(ledger)
        assert (code, checks["registry"]["level"]) == (2, "broken")
        command = f"kill -CONT {children['registry']}"
        assert command in [step["en"] for step in checks["registry"]["do"]]
        os.kill(children["registry"], signal.SIGCONT)

        os.kill(children["redis-server"], signal.SIGSTOP)
        code, checks = examined(ledger)
        assert (code, checks["redis"]["level"]) == (1, "look")
        assert f"kill -CONT {children['redis-server']}" in [s["en"] for s in checks["redis"]["do"]]
        os.kill(children["redis-server"], signal.SIGCONT)

        told = dvk("doctor", env=ledger.env)
        assert told.returncode == 0, told.stdout
        assert "Mọi thứ ổn" in told.stdout
    code, checks = examined(ledger)
    assert (code, checks["services"]["level"]) == (2, "broken")
    assert checks["chain"]["level"] == "well"
