"""A small country whose pages are asked for: given events, then what the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reporting.state import ReportingDecider
from tests.support.cloudevents import country, unit
from tests.support.happenings import registered
from tests.support.paging import Paging
from tests.support.projecting import Projecting


@pytest.fixture
def paging(tmp_path: Path) -> Iterator[Paging]:
    """Give pages over a country with two provinces, three communes, and two models of 2022."""
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}")
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        unit("bk-2", "bk", "commune", name="Phường Sông Cầu", kind="phường"),
        unit("tn-1", "tn", "commune", name="Xã Đại Từ", kind="xã"),
        registered("1", unit_id="bk-1", owner_kind="household"),
        registered("2", unit_id="bk-2"),
    )
    decider = started.history.deciders["reporting"]  # type: ignore[index]
    assert isinstance(decider, ReportingDecider)
    decider.digests_at = started.reads.digests_at
    yield Paging(started)
    started.store.close()
