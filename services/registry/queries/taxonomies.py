"""Every taxonomy version that is not retracted, as it was published."""

from collections.abc import Sequence
from typing import Any

from services.registry.queries.registered_models import plain
from shared.eventlog.protocol import Reader
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.rules.retraction import name_of, retracted_keys
from shared.vocabulary import TaxonomyKind

TAXONOMY_COLUMNS = (
    "taxonomy",
    "jurisdiction_unit_id",
    "version",
    "valid_from",
    "valid_to",
    "entries",
    "position",
)


def taxonomies_at(
    log: Reader, position: int, jurisdiction_unit_id: str | None, taxonomy: TaxonomyKind | None
) -> Sequence[dict[str, Any]]:
    """Return the versions in the log at a position and not retracted, in log order."""
    prefix = "taxonomy/" if jurisdiction_unit_id is None else f"taxonomy/{jurisdiction_unit_id}."
    events = [event for event in log.under(prefix) if event.position <= position]
    retractions = [event for event in events if name_of(event.type) == EventRetracted.NAME]
    retracted = retracted_keys(retractions)
    versions = [
        dict.fromkeys(TAXONOMY_COLUMNS)
        | {name: value for name, value in plain(event.payload).items() if name in TAXONOMY_COLUMNS}
        | {"position": event.position}
        for event in events
        if name_of(event.type) == TaxonomyPublished.NAME and event.key not in retracted
    ]
    return [
        version
        for version in versions
        if taxonomy in (None, version["taxonomy"])
        # An id may itself hold a dot, so the prefix of the subject is not enough.
        and jurisdiction_unit_id in (None, version["jurisdiction_unit_id"])
    ]
