"""The taxonomies that were published: a table speaks the one in force when it is read."""

from services.reporting.readmodels.parts.event_copies import KeptEvents


def taxonomies(prefix: str | None = None) -> KeptEvents:
    """Return the read model `taxonomies`."""
    return KeptEvents("taxonomies", frozenset({"TaxonomyPublished"}), ("taxonomy/",), prefix)
