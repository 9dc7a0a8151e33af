"""Random numbers without state: the same question always gets the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

_Value = TypeVar("_Value")
_BITS = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class SeededRandom:
    """Draws by hashing numbers together with a seed (the finaliser of SplitMix64)."""

    seed: int

    def draw(self, *question: int) -> float:
        """Return a number from 0 up to, not including, 1 for a question."""
        state = self.seed
        for part in question:
            state = (state ^ part) * 0x9E37_79B9_7F4A_7C15 + 0x9E37_79B9_7F4A_7C15 & _BITS
            state = (state ^ state >> 30) * 0xBF58_476D_1CE4_E5B9 & _BITS
            state = (state ^ state >> 27) * 0x94D0_49BB_1331_11EB & _BITS
            state ^= state >> 31
        return (state >> 11) / (1 << 53)


class Weighted(Generic[_Value]):
    """A value chosen by weights; the weights are shares of one."""

    def __init__(self, shares: Sequence[tuple[_Value, float]]) -> None:
        self._values = [value for value, _ in shares]
        self._bounds = list(accumulate(share for _, share in shares))

    def at(self, drawn: float) -> _Value:
        """Return the value whose share contains a number from 0 to 1."""
        for bound, value in zip(self._bounds, self._values, strict=True):
            if drawn < bound:
                return value
        return self._values[-1]
