"""The units, organisations and taxonomies that the sample refers to."""

from collections.abc import Iterator

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.nation.lineage import lineage
from services.console.datasets.nation.units_before_2025 import country_event, opening
from services.console.datasets.sample.event_writer import MADE_UP, event, from_the_account
from services.console.datasets.sample.proportional_allocation import by, by_ward
from services.console.datasets.sample.published import published_figures
from services.console.datasets.sample.reconstruction import (
    CITY,
    owning_organizations,
    ward_organization,
)

STEERING_COMMITTEE = "bk-058-bcd"

_FIELDS = {
    "bk_city_2022.1_party_building": "Xây dựng Đảng và hệ thống chính trị",
    "bk_city_2022.2_admin_reform": "Cải cách hành chính",
    "bk_city_2022.3_new_rural_urban": "Xây dựng nông thôn mới, đô thị văn minh",
    "bk_city_2022.4_culture_community": "Đời sống văn hóa ở khu dân cư",
}
_BLOCKS = {
    "administrative_and_public_service": "Khối hành chính, sự nghiệp",
    "internal_affairs": "Khối nội chính",
    "enterprise": "Khối doanh nghiệp",
    "commune_and_ward": "Khối xã, phường",
}
_OWNERS = {
    "administrative_and_public_service": ("Chi bộ, đảng bộ hành chính, sự nghiệp", "party"),
    "internal_affairs": ("Chi bộ, đảng bộ nội chính", "party"),
    "enterprise": ("Doanh nghiệp", "enterprise"),
}


def unit_events() -> Iterator[Event]:
    """Open the country and the place of every published figure with its ancestors, parents first.

    These are events of the national map, so they are duplicates in a ledger that has the map.
    """
    wanted = {figure.place.unit_id for figure in published_figures()}
    units = lineage().before
    parents = {unit.unit_id: unit.parent_id for unit in units}
    for unit_id in tuple(wanted):
        above = unit_id
        while above in parents:
            above = parents[above]
            wanted.add(above)
    yield country_event()
    yield from (opening(unit) for unit in units if unit.unit_id in wanted)


def taxonomy_events() -> Iterator[Event]:
    """Publish the city's own fields and blocks for the year of the account only."""
    for taxonomy, names in (("field", _FIELDS), ("block", _BLOCKS)):
        yield event(
            "TaxonomyPublished",
            f"taxonomy-{CITY}-{taxonomy}-2022",
            f"taxonomy/{CITY}.{taxonomy}",
            {
                **from_the_account("2022-01-01", "Theo cách chia của bài báo."),
                "taxonomy": taxonomy,
                "jurisdiction_unit_id": CITY,
                "version": "2022",
                "valid_from": "2022-01-01",
                "valid_to": "2023-01-01",
                "entries": [
                    {"code": code, "name": name, "order": order}
                    for order, (code, name) in enumerate(names.items(), start=1)
                ],
            },
        )


def organization_events() -> Iterator[Event]:
    """Define the steering committee and the owners of recognised models."""
    yield _defined(
        STEERING_COMMITTEE,
        "Ban Chỉ đạo phong trào thi đua “Dân vận khéo” thành phố Bắc Kạn",
        "ban chỉ đạo",
        side="party",
    )
    owners = owning_organizations()
    for block, (name, side) in _OWNERS.items():
        for number, org_id in enumerate(owners[block], start=1):
            yield _defined(
                org_id, f"{name} tái dựng số {number:02d}", name.lower(), block=block, side=side
            )
    names = {opening["data"]["unit_id"]: opening["data"]["name"] for opening in unit_events()}
    for unit_id in by_ward("recognized"):
        yield _defined(
            ward_organization(unit_id),
            f"Đảng bộ {_lower_first(names[unit_id])}",
            "đảng bộ xã, phường",
            unit_id=unit_id,
            block="commune_and_ward",
            side="party",
        )


def names_of_codes() -> dict[str, str]:
    """Return the Vietnamese names of the city's codes of fields and blocks."""
    published = {code for (code, _) in by("registered", "field", "registration_kind")}
    published |= {block for (block,) in by("recognized", "block")}
    return {code: name for code, name in (_FIELDS | _BLOCKS).items() if code in published}


def _lower_first(words: str) -> str:
    return words[0].lower() + words[1:]


def _defined(
    org_id: str,
    name: str,
    kind: str,
    *,
    unit_id: str = CITY,
    block: str | None = None,
    side: str | None = None,
) -> Event:
    return event(
        "OrganizationDefined",
        f"organization-{org_id}",
        f"organization/{org_id}",
        {
            **from_the_account("2022-01-01", MADE_UP),
            "org_id": org_id,
            "name": name,
            "kind": kind,
            "unit_id": unit_id,
            "block_code": block,
            "side": side,
        },
    )
