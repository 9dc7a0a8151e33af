"""The queries of the registry: units, versions of the map, taxonomies, models."""
