"""The figures of each cube: its measures and flags by bit, and its distinct counts.

Each bit of an entity's contribution is one figure in which it counts, so a figure is a sum of bits.
The bits are plain numbers, as folds combine them at every event.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.vocabulary import Dimension, Flag, Measure


class RegistrationBits:
    """The figures of a registration.

    A discontinued or replicated model is an entity of its own, with its own bit. The last two
    serve signals only: with objectives, criteria or outputs, and with linked tasks.
    """

    REGISTERED = 1
    ELIGIBLE = 2
    RECOGNIZED = 4
    EXEMPLARY = 8
    REVOKED = 16
    WITHDRAWN = 32
    DISCONTINUED = 64
    RECOGNIZED_WITHOUT_ELIGIBLE = 128
    DECISION_WITHOUT_NUMBER = 256
    UNKNOWN_ORGANIZATION = 512
    EVALUATED = 1024
    DECLINED = 2048
    REPLICATED = 4096
    PROMISED = 8192
    TASKED = 16384


class AwardBits:
    """The figures of an award."""

    GRANTED = 1
    PRESENTED = 2
    REVOKED = 4
    DECISION_WITHOUT_NUMBER = 8
    POSSIBLE_DUPLICATE_AWARD = 16
    UNKNOWN_ORGANIZATION = 32


PROMISED, TASKED = "promised", "tasked"
"""Figures of registrations that no summary shows."""
CONDUCTED = 1
"""The bit of a conducted inspection, used only to count the inspected units."""
COMMENDED = 1
"""The bit of a commendation."""
DEFINED = 1
"""The bit of a defined organisation, used only to count unknown kinds."""


@dataclass(frozen=True)
class Distinct:
    """A count of different organisations among the entities with a bit."""

    name: str
    bit: int


@dataclass(frozen=True)
class Counting:
    """The schema of a cube: the figure of each bit (from the lowest), and its dimensions.

    `dimensions` maps the dimensions of the contract to columns of the cube.
    """

    bits: tuple[str, ...]
    distinct: tuple[Distinct, ...]
    dimensions: tuple[tuple[Dimension, str], ...]
    dated: tuple[str, ...] = ()
    """The figures in which an entity counts from the day on which it occurred."""
    dated_by_tier: tuple[str, ...] = ()
    """The figures in which it counts from the day on which its tier was given."""

    @property
    def days_kept(self) -> tuple[str, ...]:
        """Return the names of the figures in which an entity counts from a day that is kept."""
        return (*self.dated, *self.dated_by_tier)

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the names of all figures: those of the bits, then the distinct counts."""
        return (*self.bits, *(each.name for each in self.distinct))


REGISTRATIONS = Counting(
    bits=(
        Measure.REGISTERED,
        Measure.ELIGIBLE,
        Measure.RECOGNIZED,
        Measure.EXEMPLARY,
        Measure.REVOKED,
        Measure.WITHDRAWN,
        Measure.DISCONTINUED,
        Flag.RECOGNIZED_WITHOUT_ELIGIBLE,
        Flag.DECISION_WITHOUT_NUMBER,
        Flag.UNKNOWN_ORGANIZATION,
        Measure.EVALUATED,
        Measure.DECLINED,
        Measure.REPLICATED,
        PROMISED,
        TASKED,
    ),
    distinct=(Distinct(Measure.RECOGNIZED_ORGANIZATIONS, RegistrationBits.RECOGNIZED),),
    dimensions=(
        (Dimension.FIELD, "field_code"),
        (Dimension.BLOCK, "block_code"),
        (Dimension.OWNER_KIND, "owner_kind"),
        (Dimension.REGISTRATION_KIND, "registration_kind"),
        (Dimension.LEVEL, "level"),
        (Dimension.TIER, "tier"),
        (Dimension.CLASSIFICATION, "classification"),
    ),
    dated=(Measure.REGISTERED,),
    dated_by_tier=(Measure.RECOGNIZED, Measure.EXEMPLARY),
)

AWARDS = Counting(
    bits=(
        Measure.AWARDS_GRANTED,
        Measure.AWARDS_PRESENTED,
        Measure.AWARDS_REVOKED,
        Flag.DECISION_WITHOUT_NUMBER,
        Flag.POSSIBLE_DUPLICATE_AWARD,
        Flag.UNKNOWN_ORGANIZATION,
    ),
    distinct=(),
    dimensions=(
        (Dimension.AWARD_FORM, "award_form"),
        (Dimension.RECIPIENT_KIND, "recipient_kind"),
    ),
    dated=(Measure.AWARDS_GRANTED,),
)

DATED = (*REGISTRATIONS.days_kept, *AWARDS.days_kept)
"""The measures whose day is kept with each entity, so that a year can be cut at any day."""

INSPECTIONS = Counting(
    bits=("conducted",),
    distinct=(Distinct(Measure.INSPECTED_UNITS, CONDUCTED),),
    dimensions=(),
)

COMMENDATIONS = Counting(
    bits=(Measure.COMMENDED,),
    distinct=(),
    dimensions=((Dimension.RECIPIENT_KIND, "recipient_kind"),),
)

ORGANIZATIONS = Counting(bits=("defined",), distinct=(), dimensions=())


def thousandths(value: float) -> int:
    """Return a number of the contract (at most 3 decimals and 15 digits) in thousandths."""
    return value * 1_000 if isinstance(value, int) else round(value * 1_000)


def from_thousandths(amount: int) -> int | float:
    """Return the number, an integer where it is one."""
    whole, rest = divmod(amount, 1_000)
    return amount / 1_000 if rest else whole
