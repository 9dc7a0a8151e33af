"""The outcomes of a slot of a year: its model, its owner, how far it gets.

A slot is an index into a year's list. From year to year a slot is either maintained by the model
of the year before, or taken by a new one; so a model is found by walking back.
"""

from dataclasses import dataclass
from enum import IntEnum, auto

from services.console.datasets.synthetic.seeded_random import SeededRandom, Weighted

FIELDS = Weighted(
    (
        ("economy", 0.34),
        ("culture_society", 0.38),
        ("defence_security", 0.11),
        ("political_system", 0.17),
    )
)
BLOCKS = Weighted(
    (
        ("commune_and_ward", 0.62),
        ("administrative_and_public_service", 0.22),
        ("armed_forces", 0.09),
        ("enterprise", 0.07),
    )
)
OWNERS = Weighted((("collective", 0.88), ("individual", 0.09), ("household", 0.03)))
LEVELS = Weighted((("grassroots", 0.9), ("district", 0.08), ("province", 0.02)))
FORMS = Weighted((("giay_khen", 0.85), ("bang_khen", 0.14), ("ky_niem_chuong", 0.01)))

_GOES_ON = 0.45
_PRE_EXISTING = 0.04
_WITHDRAWN = 0.015
_AMENDED = 0.03
_LATE_REGISTRATION = 0.004
_ELIGIBLE = 0.80
_RECOGNIZED_OF_ELIGIBLE = 0.65 / _ELIGIBLE
_EXEMPLARY = 0.08
_REVOKED = 0.003
_LATE_RECOGNITION = 0.02
_AWARDED = 0.10
_PRESENTED = 0.85
_REPORTED = 0.25
_DECLINED = 0.30
_REPLICATED = 0.25


class What(IntEnum):
    """The random draws for a slot of a year."""

    GOES_ON = auto()
    WITHDRAWN = auto()
    KIND = auto()
    FIELD = auto()
    BLOCK = auto()
    OWNER = auto()
    LEVEL = auto()
    PLACE = auto()
    DAY = auto()
    AMENDED = auto()
    LATE = auto()
    ELIGIBLE = auto()
    POINTS = auto()
    RECOGNIZED = auto()
    TIER = auto()
    REVOKED = auto()
    LATE_RECOGNITION = auto()
    AWARDED = auto()
    FORM = auto()
    PRESENTED = auto()
    REPORTED = auto()
    AMOUNT = auto()
    TITLE = auto()
    INSPECTED = auto()
    DECLINED = auto()
    REPLICATED = auto()


@dataclass(frozen=True, slots=True)
class RegistrationSlot:
    """One registration of a year; its model began in the year `began` in the same slot."""

    year: int
    number: int
    began: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class ModelOutcomes:
    """Draws all outcomes of the slots of a history that begins in `first_year`."""

    random: SeededRandom
    first_year: int

    def slot(self, year: int, number: int) -> RegistrationSlot:
        """Return the slot of a year."""
        began = year
        while self._maintained(began, number):
            began -= 1
        return RegistrationSlot(year, number, began, self._withdrawn(year, number))

    def kind(self, slot: RegistrationSlot) -> str:
        """Return the registration kind."""
        if slot.began < slot.year:
            return "maintained"
        return "pre_existing" if self._chance(slot, What.KIND) < _PRE_EXISTING else "new"

    def of_model(self, slot: RegistrationSlot, what: What) -> float:
        """Return a draw for the model, the same in each of its years."""
        return self.random.draw(slot.began, slot.number, what)

    def of_year(self, slot: RegistrationSlot, what: What) -> float:
        """Return a draw for this year's registration."""
        return self._chance(slot, what)

    def amended(self, slot: RegistrationSlot) -> bool:
        """Say whether the registration is corrected later."""
        return not slot.withdrawn and self._chance(slot, What.AMENDED) < _AMENDED

    def late(self, slot: RegistrationSlot) -> bool:
        """Say whether the registration arrives after the decisions about it."""
        return not slot.withdrawn and self._chance(slot, What.LATE) < _LATE_REGISTRATION

    def reported(self, slot: RegistrationSlot) -> bool:
        """Say whether an outcome is reported."""
        return not slot.withdrawn and self._chance(slot, What.REPORTED) < _REPORTED

    def eligible(self, slot: RegistrationSlot) -> bool:
        """Say whether the model is eligible for review."""
        return not slot.withdrawn and self._chance(slot, What.ELIGIBLE) < _ELIGIBLE

    def recognized(self, slot: RegistrationSlot) -> bool:
        """Say whether the model is recognised."""
        of_eligible = self._chance(slot, What.RECOGNIZED) < _RECOGNIZED_OF_ELIGIBLE
        return of_eligible and self.eligible(slot)

    def recognized_late(self, slot: RegistrationSlot) -> bool:
        """Say whether the recognition is entered only in the next year."""
        late = self._chance(slot, What.LATE_RECOGNITION) < _LATE_RECOGNITION
        return late and self.recognized(slot)

    def recognized_in_time(self, slot: RegistrationSlot) -> bool:
        """Say whether the recognition is entered in its own year."""
        return self.recognized(slot) and not self.recognized_late(slot)

    def tier(self, slot: RegistrationSlot) -> str:
        """Return the tier of a recognised model."""
        return "exemplary" if self._chance(slot, What.TIER) < _EXEMPLARY else "recognized"

    def revoked(self, slot: RegistrationSlot) -> bool:
        """Say whether the recognition is revoked."""
        return self._chance(slot, What.REVOKED) < _REVOKED and self.recognized_in_time(slot)

    def declined(self, slot: RegistrationSlot) -> bool:
        """Say whether recognition of an eligible model is declined explicitly."""
        refused = self._chance(slot, What.DECLINED) < _DECLINED
        return refused and self.eligible(slot) and not self.recognized(slot)

    def replicated(self, slot: RegistrationSlot) -> bool:
        """Say whether an exemplary model is replicated elsewhere."""
        taken_up = self._chance(slot, What.REPLICATED) < _REPLICATED
        return taken_up and self.tier(slot) == "exemplary" and self.recognized_in_time(slot)

    def awarded(self, slot: RegistrationSlot) -> bool:
        """Say whether an award is granted for the model."""
        return self._chance(slot, What.AWARDED) < _AWARDED and self.recognized_in_time(slot)

    def presented(self, slot: RegistrationSlot) -> bool:
        """Say whether the award is presented."""
        return self.awarded(slot) and self._chance(slot, What.PRESENTED) < _PRESENTED

    def _maintained(self, year: int, number: int) -> bool:
        if year <= self.first_year or self._withdrawn(year - 1, number):
            return False
        return self.random.draw(year, number, What.GOES_ON) < _GOES_ON

    def _withdrawn(self, year: int, number: int) -> bool:
        return self.random.draw(year, number, What.WITHDRAWN) < _WITHDRAWN

    def _chance(self, slot: RegistrationSlot, what: What) -> float:
        return self.random.draw(slot.year, slot.number, what)
