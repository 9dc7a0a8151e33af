"""Awards granted, presented and revoked, with a flag for possible duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.readmodels.awards.fold import AwardFold
from services.reporting.readmodels.awards.state import AMENDED, GRANTED, PROPOSED
from services.reporting.readmodels.awards.tables import AwardTables
from services.reporting.readmodels.parts.organization_references import DEFINED
from services.reporting.readmodels.parts.programmes import REGISTERED
from shared.readmodel.decoded_events import RETRACTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent


class Awards(AwardTables):
    """The read model `awards`."""

    name = "awards"
    version = 1
    events = frozenset(
        {
            PROPOSED,
            GRANTED,
            AMENDED,
            "AwardPresented",
            "AwardRevoked",
            REGISTERED,
            DEFINED,
            RETRACTED,
        }
    )

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        AwardFold(self, connection).run(facts)
