"""One entity with all that belongs to it: a model, an award, an organisation."""
