"""Registrations with what was decided of them, and what was said of whole models.

The rows of the list, the fold, and nothing of the map or of taxonomies: what was said is kept, and
resolved when it is read.
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
    """The read model `registrations`: registrations, decisions of them, statements of models."""

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
        """Take in a run of facts."""
        RegistrationFold(self, connection).run(facts)
