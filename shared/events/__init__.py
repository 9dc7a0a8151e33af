"""The contract as code: envelope, typed events, acceptance, and the generated files."""
