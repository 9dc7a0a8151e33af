"""What the registry answers: units, versions of the map, taxonomies, models."""
