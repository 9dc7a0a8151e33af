"""The form of the sample's events: fixed ids and times, so that loading again adds nothing."""

from collections.abc import Mapping

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.nation.event_writer import event as written
from services.console.datasets.sample.published import CITY_ACCOUNT, published_figures

WRITTEN_AT = "2023-01-02T08:00:00+07:00"
"""After the year of the sample; nothing depends on the time of loading."""

YEAR = 2022
YEAR_BEGINS, YEAR_ENDS = "2022-01-01", "2022-12-31"
MADE_UP = (
    "Tái dựng từ các tổng số đã công bố, không phải hồ sơ gốc. "
    "Reconstructed from published totals, not an original record."
)


def event(name: str, event_id: str, subject: str, data: Mapping[str, object]) -> Event:
    """Return one event of the sample; fields that are None are left out."""
    return written(name, event_id, subject, data, time=WRITTEN_AT)


def from_the_account(
    occurred_on: str, note: str = MADE_UP, *, precision: str | None = "year"
) -> dict[str, object]:
    """Return the common fields of events taken from the city's account or invented for it."""
    title = next(f.title for f in published_figures() if f.account == CITY_ACCOUNT)
    return {
        "occurred_on": occurred_on,
        "occurred_precision": precision,
        "origin": {"kind": "legacy", "ref": title},
        "note": note,
    }
