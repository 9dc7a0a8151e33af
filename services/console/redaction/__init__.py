"""`dvk redact`: publishes redactions, and replaces the records that they are for."""
