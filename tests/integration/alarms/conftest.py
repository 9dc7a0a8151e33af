"""The service whose alarms are triggered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.alarm_scenarios import Alarmed, alarmed


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Alarmed]:
    with alarmed(tmp_path) as started:
        yield started
