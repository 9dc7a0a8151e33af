"""The read model of registrations: fold and tables, state, statements of models."""
