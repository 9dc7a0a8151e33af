"""A small country whose year is projected: given events, then figures, rows and lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloudevents import country, unit
from tests.support.event_builders import registered
from tests.support.figures_of_events import Projecting


@pytest.fixture
def projecting(tmp_path: Path) -> Iterator[Projecting]:
    """Give read models over a log that holds a country, two provinces and three communes."""
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}")
    started.given(
        country(),
        unit("bk", name="Bắc Kạn"),
        unit("tn", name="Thái Nguyên"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân"),
        unit("bk-2", "bk", "commune", name="Phường Sông Cầu"),
        unit("tn-1", "tn", "commune", name="Xã Đại Từ"),
    )
    yield started
    started.store.close()


@pytest.fixture
def city(projecting: Projecting) -> Projecting:
    """Give a province with two registrations of 2022 in its wards."""
    projecting.given(
        registered("1", unit_id="bk-1", owner_kind="household"),
        registered("2", unit_id="bk-2"),
    )
    return projecting
