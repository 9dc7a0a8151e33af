"""The taxonomies that were published: a table speaks the one in force when it is read."""

from services.reporting.readmodels.parts.event_copies import EventCopies


def taxonomies(prefix: str | None = None) -> EventCopies:
    """Return the read model `taxonomies`."""
    return EventCopies("taxonomies", frozenset({"TaxonomyPublished"}), ("taxonomy/",), prefix)
