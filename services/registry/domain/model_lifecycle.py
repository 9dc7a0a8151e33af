"""The life cycle of a model over the years: registrations, perhaps a discontinuation."""

from typing import NamedTuple

from shared.errors import Problem, declare
from shared.events.envelope import EventKey
from shared.events.payloads.registrations import ModelDiscontinued, ModelRegistered
from shared.events.payloads.retraction import EventRetracted
from shared.events.recorded import RecordedEvent
from shared.rules.retraction import key_of

MODEL_DISCONTINUED = declare(
    "model_discontinued",
    409,
    vi="Mô hình {model_id} đã dừng tại vị trí {discontinued_at}, sau lần đăng ký gần nhất "
    "(vị trí {registered_at}).",
    en="Model {model_id} was discontinued at position {discontinued_at}, after its latest "
    "registration (position {registered_at}).",
)

FOLDED = frozenset({ModelRegistered.NAME, ModelDiscontinued.NAME, EventRetracted.NAME})
"""The events that change the life cycle of a model."""


class YearOfModel(NamedTuple):
    """One registration of a model, with its plan year and the position that recorded it."""

    registration_id: str
    plan_year: int
    registered_at: int


class Discontinuation(NamedTuple):
    """One discontinuation that was not retracted."""

    key: EventKey
    discontinued_at: int


class ModelLifecycle(NamedTuple):
    """The registrations of a model in log order, withdrawn ones too, and its discontinuations."""

    model_id: str
    years: tuple[YearOfModel, ...] = ()
    ends: tuple[Discontinuation, ...] = ()


def evolve(state: ModelLifecycle | None, event: RecordedEvent) -> ModelLifecycle | None:
    """Return the life cycle of a model after one more event of its stream or linked to it."""
    payload = event.payload
    if isinstance(payload, ModelRegistered):
        year = YearOfModel(payload.registration_id, payload.plan_year, event.position)
        if state is None:
            return ModelLifecycle(payload.model_id, (year,))
        return state._replace(years=(*state.years, year))
    if state is None:
        return None
    match payload:
        case ModelDiscontinued():
            return state._replace(ends=(*state.ends, Discontinuation(event.key, event.position)))
        case EventRetracted():
            retracted = key_of(payload)
            return state._replace(ends=tuple(end for end in state.ends if end.key != retracted))
        case _:
            return state


def discontinued(life: ModelLifecycle) -> Problem | None:
    """Refuse a model that was discontinued after its latest registration."""
    latest = life.years[-1].registered_at
    if not life.ends or life.ends[-1].discontinued_at < latest:
        return None
    return Problem(
        MODEL_DISCONTINUED,
        {
            "model_id": life.model_id,
            "discontinued_at": life.ends[-1].discontinued_at,
            "registered_at": latest,
        },
    )
