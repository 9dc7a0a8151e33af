"""`dvk demo --trust` shows on one machine what is accepted and what is refused, and stops."""

from pathlib import Path

import pytest

from tests.e2e.dvk_command import dvk, environment, free_ports

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def test_every_step_of_trust_happens_as_it_must(tmp_path: Path) -> None:
    port = free_ports()
    shown = dvk("demo", "--trust", env={**environment(None, port), "TMPDIR": str(tmp_path)})
    assert shown.returncode == 0, shown.stdout
    for code in ("unsigned", "outside_grant", "foreign_key", "key_revoked"):
        assert shown.stdout.count(f"({code})") >= 1
    assert "✗" not in shown.stdout
    # Figures that were published stay the same when a key is revoked.
    assert shown.stdout.count("✓ 40/40") == 2
    assert list(tmp_path.iterdir()) == []
