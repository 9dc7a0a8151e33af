"""Contract files generated from the payload classes: JSON Schema, AsyncAPI, docs/events.md."""
