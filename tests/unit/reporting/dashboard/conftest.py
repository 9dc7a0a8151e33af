"""A small country whose pages are asked for: given events, then what the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reporting.decider import ReportingDecider
from tests.support.asserted_figures import figure, outcome, years
from tests.support.cloudevents import country, unit
from tests.support.dashboard_pages import Paging
from tests.support.downloaded_tables import COMMUNES, REGISTERED
from tests.support.event_builders import (
    amended,
    granted,
    of_award,
    published,
    recognized,
    registered,
    withdrawn,
)
from tests.support.figures_of_events import Projecting


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


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over a province with more of everything than a page shows."""
    url = f"sqlite:///{tmp_path_factory.mktemp('pages') / Path('reporting.db')}"
    started = Projecting(url, run=100)
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        *(
            unit(f"bk-{n}", "bk", "commune", name=f"Xã Bình {n}", kind="xã")
            for n in range(1, COMMUNES + 1)
        ),
        published(
            "field",
            {"code": "economy", "name": "Kinh tế"},
            {"code": "-f.2", "name": "=Văn hóa; xã hội"},
        ),
        *(
            registered(
                str(n),
                unit_id="bk" if n % 20 == 0 else f"bk-{1 + n % COMMUNES}",
                owner_kind=("household", "collective", "individual")[n % 3],
                registration_kind=("new", "pre_existing")[n % 2],
                field_code=("economy", "-f.2")[n % 2],
                title=f"Mô hình số {n}, “tiết kiệm”; 1E5",
            )
            for n in range(1, REGISTERED + 1)
        ),
        *(recognized(str(n)) for n in range(1, 40)),
        withdrawn("130"),
        amended("1", title="=HYPERLINK(1)"),
        *(
            granted(str(n), unit_id="bk", recipient={"kind": kind, "org_id": "o-1"})
            for n, kind in enumerate(("collective", "individual", "collective"), 1)
        ),
        of_award("AwardPresented", "1"),
        outcome(1, 1.234),
        outcome(2, 12.5),
        outcome(3, 1_000_000),
        outcome(4, 7, metric="workdays", qualifier="more_than"),
        figure(1, value=1.234),
        figure(2, value=129, metric="registered"),
        figure(3, metric="recognized", value=39, dimensions={"registration_kind": "new"}),
        figure(4, metric="unheard", period=years(2020, 2022)),
        figure(5, unit_id="bk-1", value=12.5, qualifier="approx"),
    )
    yield Paging(started)
    started.store.close()
