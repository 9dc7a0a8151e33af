"""The share of each publisher in what is bounded for all: a quarter.

Only once trust began: before, a source is what the sender writes, so that each new name would have
a share of its own, and the share of another's name could be used up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Problem, declare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PUBLISHER_BUSY = declare(
    "publisher_busy",
    429,
    vi="{publisher} đang có nhiều sự kiện chờ ghi hơn phần của một nơi gửi. Hãy gửi lại sau.",
    en="{publisher} has more waiting to be appended than the share of a publisher. Send again "
    "later.",
)
PUBLISHERS_AT_LIMIT = 4
"""So many publishers together reach a limit."""


class PublisherShares:
    """The amounts that publishers hold of some limits; not safe for several threads.

    Amounts are given by source, one number for each limit.
    """

    def __init__(self, *limits: int) -> None:
        self._most = [limit // PUBLISHERS_AT_LIMIT for limit in limits]
        self._held: dict[str, list[int]] = {}

    def exceeded_by(self, wanted: Mapping[str, Sequence[int]]) -> Problem | None:
        """Return the problem of a publisher that would hold more than its share.

        One that holds nothing is always admitted: its batch cannot be split.
        """
        for source, amounts in wanted.items():
            held = self._held.get(source)
            if held is not None and self._is_beyond(held, amounts):
                return Problem(PUBLISHER_BUSY, {"publisher": source})
        return None

    def _is_beyond(self, held: Sequence[int], amounts: Sequence[int]) -> bool:
        """Return whether amounts and those held are more than a share."""
        sums = zip(held, amounts, self._most, strict=True)
        return any(before + more > most for before, more, most in sums)

    def take(self, wanted: Mapping[str, Sequence[int]]) -> None:
        """Add to what publishers hold."""
        for source, amounts in wanted.items():
            held = self._held.get(source, [0] * len(self._most))
            self._held[source] = [a + b for a, b in zip(held, amounts, strict=True)]

    def free(self, taken: Mapping[str, Sequence[int]]) -> None:
        """Take off what publishers held."""
        for source, amounts in taken.items():
            left = [a - b for a, b in zip(self._held[source], amounts, strict=True)]
            if any(left):
                self._held[source] = left
            else:
                del self._held[source]
