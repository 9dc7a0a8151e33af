"""The reference data of a year: taxonomies, organisations and the plans of the provinces."""

from collections.abc import Iterable, Iterator
from datetime import date

from services.console.datasets.synthetic.year import BLOCKS, FIELDS, Year, document, organization
from shared.territory.day_map import UnitState


def taxonomies(year: Year) -> Iterator[bytes]:
    """Publish the country's fields and blocks, in force from the year's first day."""
    for taxonomy, names in (("field", FIELDS), ("block", BLOCKS)):
        entries = [
            {"code": code, "name": name, "order": order}
            for order, (code, name) in enumerate(names.items(), start=1)
        ]
        yield year.event(
            "TaxonomyPublished",
            f"taxonomy-{taxonomy}",
            f"taxonomy/{year.territory.country}.{taxonomy}",
            year.registering[0],
            taxonomy=taxonomy,
            jurisdiction_unit_id=year.territory.country,
            version=f"{year.writer.prefix}-{year.number}",
            valid_from=f"{year.number}-01-01",
            entries=entries,
        )


def organizations(year: Year, units: Iterable[UnitState], day: date) -> Iterator[bytes]:
    """Define the party organisation of each unit."""
    for unit in units:
        yield year.event(
            "OrganizationDefined",
            f"org-{unit.unit_id}",
            f"organization/{organization(unit.unit_id)}",
            day,
            org_id=organization(unit.unit_id),
            name=f"Đảng bộ {unit.name} (tổng hợp)",
            kind="đảng bộ",
            unit_id=unit.unit_id,
            block_code="commune_and_ward",
            side="party",
        )


def plans(year: Year) -> Iterator[bytes]:
    """Issue the plan of each province."""
    day = year.registering[0]
    for number, unit in enumerate(year.territory.provinces(day), start=1):
        org_id = organization(unit.unit_id)
        yield year.event(
            "PlanIssued",
            f"plan-{year.number}-{unit.unit_id}",
            f"plan/{org_id}.{year.number}",
            day,
            org_id=org_id,
            plan_year=year.number,
            unit_id=unit.unit_id,
            document=document("kế hoạch", f"{number:02d}-KH/BCĐ", org_id, day),
        )
