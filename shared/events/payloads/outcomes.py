"""Payload of measured outcomes of a model or a unit."""

from typing import ClassVar

from pydantic import ConfigDict

from shared.events.payloads.payload import Amount, Code, Id, Interval, Payload, Texts, stated
from shared.vocabulary import OutcomeNature, Qualifier


class OutcomeReported(Payload):
    """An amount over an interval; a later report with the same id replaces it."""

    NAME: ClassVar = "OutcomeReported"
    STREAM: ClassVar = "outcome/{outcome_id}"
    model_config = ConfigDict(
        json_schema_extra={"anyOf": [stated("registration_id"), stated("unit_id", "plan_year")]}
    )
    outcome_id: Id
    registration_id: Id | None = None
    metric: Code
    value: Amount
    qualifier: Qualifier
    nature: OutcomeNature
    interval: Interval
    evidence: Texts | None = None

    def model_post_init(self, _context: object, /) -> None:
        """Require a registration, or a unit and a year."""
        if self.registration_id is None and (self.unit_id is None or self.plan_year is None):
            message = (
                "cần registration_id, hoặc unit_id và plan_year · "
                "registration_id, or unit_id and plan_year, are required"
            )
            raise ValueError(message)
