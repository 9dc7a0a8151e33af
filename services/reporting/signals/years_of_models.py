"""Signals of models over years: recognised and then gone, exemplary and never replicated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.members import is_among
from services.reporting.readmodels.registrations.model_statements import REPLICATED
from services.reporting.signals.found import Found, SignalLevel
from services.reporting.signals.registrations import REGISTRATION_ROW, chosen_registrations

if TYPE_CHECKING:
    from services.reporting.signals.material import Material

_CARRIED_ON = Bits.REGISTERED | Bits.DISCONTINUED | Bits.REPLICATED
_COLUMNS = (*REGISTRATION_ROW, "plan_year", "tier", "recognized_on")


def not_sustained(material: Material) -> Found:
    """Return models recognised the year before, of which the year knows nothing.

    After the deadline of registration such a model is neither registered, discontinued nor
    replicated, anywhere in the country.
    """
    if material.today <= material.limits.deadlines["registration"]:
        return Found.early()
    states, keys = material.last_year, material.sources.keys
    recognized = states.bits & Bits.RECOGNIZED != 0
    if not recognized.any():
        return Found(SignalLevel.CLEAR)
    models = keys.of(material.year - 1, states.things).models
    known = keys.of(material.year, material.everywhere(_CARRIED_ON)).models
    gone = recognized.copy()
    gone[recognized] = ~is_among(models[recognized], known)
    return chosen_registrations(material, states, gone, _COLUMNS)


def exemplary_unreplicated(material: Material) -> Found:
    """Return exemplary models of the year that were not replicated in the months since."""
    months = int(material.limits.threshold("exemplary_unreplicated", "months"))
    until = months_before(material.today, months).toordinal()
    states = material.registrations
    exemplary = (states.bits & Bits.EXEMPLARY != 0) & (states.tier_days <= until)
    if not exemplary.any():
        return Found(SignalLevel.CLEAR)
    models = material.sources.keys.of(material.year, states.things).models
    replicated = np.fromiter(map(hash, _replicated(material)), np.int64)
    alone = exemplary.copy()
    alone[exemplary] = ~is_among(models[exemplary], replicated)
    return chosen_registrations(material, states, alone, _COLUMNS)


def _replicated(material: Material) -> list[str]:
    """Return the models with a replication in force that occurred in the year or later."""
    statement = material.sources.catalog.registrations.model_statements.table.c
    retracted = statement.retracted_position
    query = select(statement.model_id).where(
        statement.said == REPLICATED,
        statement.occurred_on >= f"{material.year}-01-01",
        statement.position <= material.position,
        retracted.is_(None) | (retracted > material.position),
    )
    with material.sources.store.reading() as connection:
        return list(connection.scalars(query))


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last day of that month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
