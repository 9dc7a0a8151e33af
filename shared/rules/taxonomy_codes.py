"""Codes of versioned taxonomies: events may use those in force for their unit and day."""

from datetime import date

from shared.errors import Problem, declare
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies, TaxonomyVersion
from shared.vocabulary import TaxonomyKind

CODE_NOT_IN_FORCE = declare(
    "code_not_in_force",
    409,
    vi="Mã {code_sent} không có trong danh mục {taxonomy} phiên bản {version} của {jurisdiction}, "
    "đang có hiệu lực đối với đơn vị {unit_id} vào ngày {day}.",
    en="Code {code_sent} is not in the taxonomy {taxonomy} version {version} of {jurisdiction}, "
    "which is in force for unit {unit_id} on {day}.",
)


def not_in_force(
    code: str,
    kind: TaxonomyKind,
    *,
    unit_id: str,
    day: date,
    taxonomies: Taxonomies,
    territory: Territory,
) -> Problem | None:
    """Refuse a code that the taxonomy in force does not list; if none is in force, accept any.

    events.md, Accepting, Taxonomies.
    """
    version = taxonomies.in_force(kind, unit_id, day, territory)
    if version is None or code in version.entries:
        return None
    return not_listed(code, kind, version, unit_id=unit_id, day=day)


def not_listed(
    code: str, kind: TaxonomyKind, version: TaxonomyVersion, *, unit_id: str, day: date
) -> Problem:
    """Return the refusal of a code that a version does not list."""
    return Problem(
        CODE_NOT_IN_FORCE,
        {
            "code_sent": code,
            "taxonomy": str(kind),
            "version": version.version,
            "jurisdiction": version.jurisdiction_unit_id,
            "unit_id": unit_id,
            "day": day.isoformat(),
        },
    )
