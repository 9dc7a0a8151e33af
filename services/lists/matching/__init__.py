"""Words of a list become units of the map, codes of taxonomies, organisations and ids."""
