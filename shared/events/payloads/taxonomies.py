"""Fields, blocks, tiers and deadlines differ by province and year: they are versioned data."""

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
    """One code with its name, and what it is called in other jurisdictions (null: unmapped)."""

    code: Code
    name: Title
    order: Integer | None = None
    crosswalk: dict[Id, Code | None] | None = None
    attributes: dict[str, FreeForm] | None = None


class TaxonomyPublished(Payload):
    """A version of a taxonomy, valid in a jurisdiction from a day (`valid_to` is exclusive)."""

    NAME: ClassVar = "TaxonomyPublished"
    STREAM: ClassVar = "taxonomy/{jurisdiction_unit_id}.{taxonomy}"
    taxonomy: TaxonomyKind
    jurisdiction_unit_id: Id
    version: Title | Integer
    valid_from: Day
    valid_to: Day | None = None
    entries: list[TaxonomyEntry]

    def model_post_init(self, context: object, /) -> None:
        """Refuse a code that would have two meanings.

        A version that ends before it begins is never in force and contradicts nothing.
        """
        if context == RECORDED:
            return
        codes = [entry.code for entry in self.entries]
        if len(set(codes)) < len(codes):
            message = "một mã xuất hiện hai lần trong entries · a code stands twice in the entries"
            raise ValueError(message)

    def unit_ids(self) -> frozenset[str]:
        """Return the jurisdiction, and those that the crosswalk leads to."""
        led_to = {unit for entry in self.entries for unit in entry.crosswalk or ()}
        return super().unit_ids() | led_to | {self.jurisdiction_unit_id}
