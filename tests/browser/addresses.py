"""Addresses of the pages that every look at pages is given, with data of the sample."""

from tests.e2e.dvk_command import FIRST_EVENTS

CITY = "/?unit=gso-2004-058&year=2022"
PAGES = (
    CITY,
    "/?year=2022&map=current",
    "/pages/years?unit=gso-2004-058",
    "/pages/reconciliation?unit=gso-2004-058&year=2022",
    f"/pages/changes?unit=gso-2004-058&year=2022&since={FIRST_EVENTS}",
    "/pages/signals?unit=gso-2004-058&year=2022",
    "/pages/signals?unit=gso-2004-058&year=2022&signal=field_concentrated",
    "/pages/units?q=bac+kan",
    "/pages/integrity",
    "/pages/trust?unit=gso-2004-058",
    "/pages/provinces",
    "/pages/forwarding",
    "/pages/help",
    "/pages/find?q=bac+kan",
    "/pages/find?q=khong+co+gi&unit=gso-2004-058",
    "/pages/annexes?unit=gso-2004-058&year=2022",
    "/pages/annexes?unit=gso-2004-058&year=2022&annex=b&style=party",
    "/pages/explanation?measure=eligible&unit=gso-2004-058&year=2022",
    "/pages/list?unit=gso-2004-058&year=2022&sort=title",
    "/pages/list?list=inspections&unit=gso-2004-058&year=2022",
    "/pages/model?model=bk-058-model-001",
    "/pages/organization?organization=bk-058-ward-01834",
    "/pages/award?award=a-1",
    "/pages/results?unit=gso-2004-058&year=2022",
    "/pages/exchange?unit=gso-2004-058&year=2022",
    "/?year=2022&compare=registered&sort=-difference",
    "/pages/table?by=unit&year=2022&map=2025-06-30&compare=recognized",
    "/pages/table?by=unit&level=commune&unit=gso-2004-06&year=2022&map=recorded",
)
