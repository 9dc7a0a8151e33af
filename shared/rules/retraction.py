"""Rules for retractions, the same in every service."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import Problem, declare
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.units import UnitOpened, UnitsReorganized
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

RETRACTED_EVENT_UNKNOWN = declare(
    "retracted_event_unknown",
    409,
    vi="Không có sự kiện nào trong sổ với nguồn {retracted_source} và mã {retracted_id}.",
    en="The log holds no event of source {retracted_source} with id {retracted_id}.",
)
RETRACTED_EVENT_OF_ANOTHER_SERVICE = declare(
    "retracted_event_of_another_service",
    409,
    vi="Sự kiện {event_type} tại vị trí {retracted_position} không do dịch vụ này tiếp nhận: "
    "hãy gửi việc thu hồi đến dịch vụ đã tiếp nhận.",
    en="{event_type} at position {retracted_position} was not accepted by this service: "
    "send the retraction to the one that did.",
)
EVENT_NOT_RETRACTABLE = declare(
    "event_not_retractable",
    409,
    vi="{event_type} (vị trí {retracted_position}) không thu hồi được: hãy sửa bằng sự kiện "
    "riêng của nó.",
    en="{event_type} (position {retracted_position}) cannot be retracted: it is corrected by its "
    "own event type.",
)
RETRACTION_OF_ANOTHER_SUBJECT = declare(
    "retraction_of_another_subject",
    409,
    vi="Việc thu hồi ghi chuỗi {stated}, nhưng sự kiện được thu hồi thuộc {retracted_subject}.",
    en="The retraction states the subject {stated}, but the event it retracts belongs to "
    "{retracted_subject}.",
)
ALREADY_RETRACTED = declare(
    "already_retracted",
    409,
    vi="Sự kiện tại vị trí {retracted_position} đã được thu hồi tại vị trí {retraction_position}.",
    en="The event at position {retracted_position} was retracted at position "
    "{retraction_position} already.",
)

RETRACTABLE = frozenset(
    {
        "UnitOpened",
        "UnitRenamed",
        "UnitMoved",
        "UnitClosed",
        "UnitsReorganized",
        "OrganizationDefined",
        "OrganizationSucceeded",
        "TaxonomyPublished",
        "PlanIssued",
        "OutcomeReported",
        "ModelDiscontinued",
        "ModelReplicated",
        "InspectionPlanned",
        "InspectionConducted",
        "ReviewSessionHeld",
        "ExemplarCommended",
        "FigureAsserted",
    }
)
"""events.md, EventRetracted: all other events are corrected by their own event types."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of the log, and the position of the event that retracted it."""

    event: RecordedEvent
    retracted_at: int | None = None


def name_of(event_type: str) -> str:
    """Return the name in a CloudEvents type: UnitOpened for `dvk.UnitOpened.v1`."""
    return event_type.split(".")[1]


def key_of(retraction: EventRetracted) -> EventKey:
    """Return the key of the retracted event."""
    return EventKey(retraction.retracts.source, retraction.retracts.id)


def named_anew(retraction: EventRetracted, recorded: Recorded | None) -> frozenset[str]:
    """Return the units that a retraction names in addition to those of the retracted event.

    The latter may have ended since, or may never have existed: they are not checked again.
    """
    if recorded is None:
        return retraction.unit_ids()
    match recorded.event.payload:
        case UnitOpened(unit_id=unit_id) as payload:
            return retraction.unit_ids() - payload.unit_ids() - {unit_id}
        case UnitsReorganized() as payload:
            return retraction.unit_ids() - payload.unit_ids() - payload.opened_ids()
        case payload:
            return retraction.unit_ids() - payload.unit_ids()


def retracted_keys(events: Iterable[RecordedEvent]) -> dict[EventKey, int]:
    """Return the keys of the retracted events, with the positions of the retractions."""
    return {
        key_of(event.payload): event.position
        for event in events
        if isinstance(event.payload, EventRetracted)
    }


def cannot_be_retracted(
    event: ReceivedEvent, key: EventKey, recorded: Recorded | None, family: Family
) -> Problem | None:
    """Refuse to retract an event that is unknown, another service's, final, or retracted before."""
    if recorded is None:
        return Problem(
            RETRACTED_EVENT_UNKNOWN, {"retracted_source": key.source, "retracted_id": key.id}
        )
    retracted = recorded.event
    params = {"event_type": retracted.type, "retracted_position": retracted.position}
    if family not in CATALOGUE[retracted.type].families:
        return Problem(RETRACTED_EVENT_OF_ANOTHER_SERVICE, params)
    if name_of(retracted.type) not in RETRACTABLE:
        return Problem(EVENT_NOT_RETRACTABLE, params)
    if retracted.subject != event.subject:
        return Problem(
            RETRACTION_OF_ANOTHER_SUBJECT,
            {"stated": event.subject, "retracted_subject": retracted.subject},
        )
    if recorded.retracted_at is not None:
        return Problem(ALREADY_RETRACTED, {**params, "retraction_position": recorded.retracted_at})
    return None
