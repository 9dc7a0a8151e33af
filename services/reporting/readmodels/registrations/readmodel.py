"""Registrations with the decisions about them, and statements about whole models.

It holds the rows of the list and the deltas, but nothing of the map or of taxonomies: units and
codes are stored as recorded, and resolved on read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.registrations.fold import RegistrationFold
from services.reporting.readmodels.registrations.model_statements import STATED
from services.reporting.readmodels.registrations.tables import RegistrationTables
from shared.readmodel.decoded_events import RETRACTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent


class Registrations(RegistrationTables):
    """The read model `registrations`: registrations, decisions on them, statements about models."""

    name = "registrations"
    version = 3
    events = frozenset(
        {
            "ModelRegistered",
            "ModelAmended",
            "RegistrationWithdrawn",
            "EligibilityAssessed",
            "ModelEvaluated",
            "ModelRecognized",
            "RecognitionDeclined",
            "RecognitionRevoked",
            *STATED,
            DEFINED,
            RETRACTED,
        }
    )

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        RegistrationFold(self, connection).run(facts)
