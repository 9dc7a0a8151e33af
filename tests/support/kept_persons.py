"""Persons in a vault, for tests."""

from services.lists.persons.vault import PersonVault, new_reference

NAME = "Lò Thị Hòa"


def kept(vault: PersonVault, name: str = NAME, unit: str = "x-1") -> str:
    """Keep a person as a list of a unit would, and return the reference."""
    reference = new_reference()
    persons = vault.of_unit(unit)
    persons.keep(reference, ("row", reference), name, ("name", unit, name))
    persons.write()
    return reference
