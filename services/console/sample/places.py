"""The units, organisations and taxonomies that the sample stands on."""

from collections.abc import Iterator

from services.console.sample.margins import by, by_ward
from services.console.sample.published import STATE_OF, Place, published_figures
from services.console.sample.reconstruction import CITY, owning_organizations, ward_organization
from services.console.sample.writing import MADE_UP, Event, event, from_the_account

COUNTRY = "vn"
STEERING_COMMITTEE = "bk-058-bcd"

_OPENED_ON = "2004-01-01"
_LEVELS = {
    "province": ("province", "tỉnh"),
    "district": ("district", "thành phố"),
    "ward": ("commune", "phường"),
    "commune": ("commune", "xã"),
}
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


def country_event() -> Event:
    """Return the opening of the one country; a synthetic history begins with the same event."""
    return _opened(COUNTRY, "Việt Nam", ("country", "quốc gia"), None, None)


def unit_events() -> Iterator[Event]:
    """Open the country and every place of a published figure, parents first."""
    yield country_event()
    places = {figure.place.code: figure.place for figure in published_figures()}
    levels = list(_LEVELS)
    for place in sorted(places.values(), key=lambda place: (levels.index(place.level), place.code)):
        parent = places[place.parent].unit_id if place.parent else COUNTRY
        kind = _LEVELS[place.level]
        yield _opened(place.unit_id, _full_name(place), kind, parent, place.code)


def taxonomy_events() -> Iterator[Event]:
    """Publish the city's own fields and blocks for the year of the account, and no longer."""
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
    wards = {figure.place.unit_id: figure.place for figure in published_figures()}
    for unit_id in by_ward("recognized"):
        yield _defined(
            ward_organization(unit_id),
            f"Đảng bộ {_lower_first(_full_name(wards[unit_id]))}",
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


def _full_name(place: Place) -> str:
    """Return the name as it stands in a list of places: wards are called with their kind."""
    kind = {"ward": "Phường ", "commune": "Xã "}.get(place.level, "")
    return kind + place.name


def _lower_first(words: str) -> str:
    return words[0].lower() + words[1:]


def _opened(
    unit_id: str, name: str, kind: tuple[str, str], parent_id: str | None, code: str | None
) -> Event:
    opened = event(
        "UnitOpened",
        f"unit-{unit_id}",
        f"unit/{unit_id}",
        {
            "occurred_on": _OPENED_ON,
            "origin": {"kind": "legacy", "ref": f"địa giới ngày {STATE_OF}"},
            "note": f"Theo địa giới ngày {STATE_OF}; ngày mở là quy ước. "
            f"As the map stood on {STATE_OF}; the day of opening is a convention.",
            "unit_id": unit_id,
            "name": name,
            "level": kind[0],
            "kind": kind[1],
            "codes": [{"scheme": "gso", "code": code}] if code else [],
        },
    )
    opened["data"]["parent_id"] = parent_id
    return opened


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
