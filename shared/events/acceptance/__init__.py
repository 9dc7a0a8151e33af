"""From bytes to a typed event: encoding, JSON, canonical form, attributes, validation."""
