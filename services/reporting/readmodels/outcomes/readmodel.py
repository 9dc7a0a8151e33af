"""Outcomes of registrations and of units: flows are summed, of stocks the latest counts.

An outcome of a registration counts in the place of the registration, as amended, and not while it
is withdrawn; so the fold stores the needed fields of every registration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.readmodels.outcomes.fold import OutcomeFold
from services.reporting.readmodels.outcomes.state import REPORTED
from services.reporting.readmodels.outcomes.tables import OutcomeTables
from services.reporting.readmodels.parts.programmes import REGISTERED
from shared.readmodel.decoded_events import RETRACTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent


class Outcomes(OutcomeTables):
    """The read model `outcomes`."""

    name = "outcomes"
    version = 1
    events = frozenset({REPORTED, REGISTERED, "ModelAmended", "RegistrationWithdrawn", RETRACTED})

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        OutcomeFold(self, connection).run(facts)
