"""Payload of versioned taxonomies: fields, blocks, tiers and deadlines of a province."""

from typing import ClassVar

from shared.events.payloads.payload import (
    RECORDED,
    Code,
    Day,
    FreeForm,
    Id,
    Integer,
    Part,
    Payload,
    Title,
)
from shared.vocabulary import TaxonomyKind


class TaxonomyEntry(Part):
    """One code with its name, and its codes in other jurisdictions (null: unmapped)."""

    code: Code
    name: Title
    order: Integer | None = None
    crosswalk: dict[Id, Code | None] | None = None
    attributes: dict[str, FreeForm] | None = None


class TaxonomyPublished(Payload):
    """A taxonomy version is published for a jurisdiction from a day on (`valid_to` exclusive)."""

    NAME: ClassVar = "TaxonomyPublished"
    STREAM: ClassVar = "taxonomy/{jurisdiction_unit_id}.{taxonomy}"
    taxonomy: TaxonomyKind
    jurisdiction_unit_id: Id
    version: Title | Integer
    valid_from: Day
    valid_to: Day | None = None
    entries: list[TaxonomyEntry]

    def model_post_init(self, context: object, /) -> None:
        """Refuse a code with two meanings.

        A version that ends before it begins is accepted: it is never in force.
        """
        if context == RECORDED:
            return
        codes = [entry.code for entry in self.entries]
        if len(set(codes)) < len(codes):
            message = "một mã xuất hiện hai lần trong entries · a code occurs twice in entries"
            raise ValueError(message)

    def unit_ids(self) -> frozenset[str]:
        """Return the jurisdiction, and those of the crosswalks."""
        led_to = {unit for entry in self.entries for unit in entry.crosswalk or ()}
        return super().unit_ids() | led_to | {self.jurisdiction_unit_id}
