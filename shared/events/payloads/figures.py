"""Payloads of asserted figures: claims of reports and the press, never added to any sum."""

from typing import ClassVar

from pydantic import Field

from shared.events.payloads.payload import Amount, Day, FreeTitle, Id, Part, Payload, Title
from shared.vocabulary import PeriodKind, Qualifier


class FigurePeriod(Part):
    """The period of a figure; either end may be open."""

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    kind: PeriodKind

    def model_post_init(self, _context: object, /) -> None:
        """Refuse a period that ends before it begins."""
        if self.from_ and self.to and self.to < self.from_:
            message = "kết thúc trước khi bắt đầu · the period ends before it begins"
            raise ValueError(message)


class FigureSource(Part):
    """The publication of the figure."""

    kind: Title
    title: FreeTitle
    published_on: Day | None = None


class FigureAsserted(Payload):
    """A published figure with its qualifier; a later one with the same id replaces it."""

    NAME: ClassVar = "FigureAsserted"
    STREAM: ClassVar = "figure/{figure_id}"
    figure_id: Id
    metric: Title
    unit_id: Id
    period: FigurePeriod
    dimensions: dict[Title, Title | None] | None = None
    value: Amount
    qualifier: Qualifier
    source: FigureSource
