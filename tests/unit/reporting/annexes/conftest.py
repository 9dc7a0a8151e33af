"""The sample and a few awards and outcomes more, asked for in process."""

from collections.abc import Iterator

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import received
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import granted, of_award
from tests.support.sample_ledger import CITY, sample_ledger

COMMITTEE, OTHER = "bk-058-bcd", "chưa khai báo"


def _award(number: str, form: str, kind: str, grantor: str = COMMITTEE) -> ReceivedEvent:
    recipient = {"kind": kind, "org_id": COMMITTEE}
    if kind != "collective":
        recipient = {"kind": kind, "person_ref": f"p-{number}"}
    basis = {"kind": "career"}
    return granted(
        number,
        award_form=form,
        recipient=recipient,
        grantor_org_id=grantor,
        unit_id=CITY,
        basis=basis,
    )


def more_events() -> list[ReceivedEvent]:
    """Grant seven awards, present two, revoke one; report what models brought."""
    outcome = {
        "unit_id": CITY,
        "plan_year": 2022,
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
    }
    outcome |= {"occurred_on": "2022-12-31", "qualifier": "more_than"}
    return [
        _award("1", "giay_khen", "collective"),
        _award("2", "giay_khen", "individual"),
        _award("3", "giay_khen", "household", "o-khac"),
        _award("4", "giay_khen", "collective", "o-khac"),
        _award("5", "bang_khen", "individual"),
        _award("6", "bang_khen", "individual"),
        _award("7", "ky_niem_chuong", "individual"),
        of_award("AwardPresented", "1"),
        of_award("AwardPresented", "5"),
        of_award("AwardRevoked", "4", reason="sai đối tượng"),
        received(
            "OutcomeReported",
            {
                **outcome,
                "outcome_id": "o-1",
                "metric": "land_donated_m2",
                "value": 1250,
                "nature": "flow",
            },
        ),
        received(
            "OutcomeReported",
            {
                **outcome,
                "outcome_id": "o-2",
                "metric": "workdays",
                "value": 320.5,
                "nature": "stock",
            },
        ),
    ]


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give the addresses of reporting over the sample and its awards."""
    folder = tmp_path_factory.mktemp("annexes")
    projecting = sample_ledger(folder, *more_events())
    yield Paging(projecting)
    projecting.store.close()
