"""The comparison of a table's rows: with the year before, with the total, and with each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypeVar

from shared.vocabulary import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

Label = TypeVar("Label", bound="Hashable")

SMALLEST = 10
"""A rate of fewer entities is not computed: one more or less would move it by a tenth."""
RATES = ((Measure.RECOGNIZED, Measure.REGISTERED), (Measure.RECOGNIZED, Measure.ELIGIBLE))
"""The rates of a row: the part, and the whole that it is a part of."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole, as counted."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """Return it in per cent with one decimal.

        None where the whole is smaller than `SMALLEST`, or the part is not inside the whole: a
        model may be recognised without having been assessed as eligible.
        """
        if self.whole < SMALLEST or self.part > self.whole:
            return None
        return in_percent(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row of a table in one measure.

    `before` is the figure of the year before, None where it cannot be compared; `whole_before` is
    that of the whole year before where `before` is of a part of it; `rates` are those of `RATES`,
    empty for a table without them; `rank` is 1 for the largest figure.
    """

    value: int
    before: int | None
    share: Ratio
    rates: Sequence[Ratio] = ()
    rank: int | None = None
    whole_before: int | None = None

    @property
    def difference(self) -> int | None:
        """Return the difference from the year before."""
        return None if self.before is None else self.value - self.before

    @property
    def percent(self) -> Decimal | None:
        """Return the difference in per cent of the year before, None if that is too small."""
        if self.before is None or self.before < SMALLEST:
            return None
        return in_percent(self.value - self.before, self.before)


def in_percent(part: int, whole: int) -> Decimal:
    """Return a part in per cent of a whole, rounded half up to one decimal."""
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def compared(
    now: Mapping[Label, Mapping[str, int]],
    before: Mapping[Label, Mapping[str, int]],
    measure: str,
    totals: Mapping[str, int],
    *,
    comparable: Callable[[Label], bool],
    ranked: Callable[[Label], bool],
    rated: bool,
    whole: Mapping[Label, Mapping[str, int]] | None = None,
) -> dict[Label, ComparedRow]:
    """Compare each row of this year or the year before in one measure.

    `totals` are the figures of the scope this year. A row that is not comparable has no figure of
    the year before; only rows that are `ranked` have a rank. `whole` are the figures of the whole
    year before, stated where `before` are those of a part of it.
    """
    labels = list(dict.fromkeys([*now, *before, *(whole or ())]))

    def of(figures: Mapping[Label, Mapping[str, int]] | None, label: Label) -> int | None:
        return None if figures is None else figures.get(label, {}).get(measure, 0)

    values = {label: now.get(label, {}).get(measure, 0) for label in labels}
    ranks = _ranks([values[label] for label in labels if ranked(label)])
    return {
        label: ComparedRow(
            value=values[label],
            before=of(before, label) if comparable(label) else None,
            share=Ratio(values[label], totals[measure]),
            rates=rates_of(now.get(label, {})) if rated else (),
            rank=ranks[values[label]] if ranked(label) else None,
            whole_before=of(whole, label) if comparable(label) else None,
        )
        for label in labels
    }


def compared_total(
    totals: Mapping[str, int],
    before: Mapping[str, int] | None,
    measure: str,
    *,
    rated: bool,
    whole: Mapping[str, int] | None = None,
) -> ComparedRow:
    """Compare the figures of a scope with those of the year before, None where there are none."""
    return ComparedRow(
        value=totals[measure],
        before=None if before is None else before[measure],
        share=Ratio(totals[measure], totals[measure]),
        rates=rates_of(totals) if rated else (),
        whole_before=None if whole is None else whole[measure],
    )


def rates_of(figures: Mapping[str, int]) -> tuple[Ratio, ...]:
    """Return the rates of a row."""
    return tuple(Ratio(figures.get(part, 0), figures.get(whole, 0)) for part, whole in RATES)


def _ranks(values: Collection[int]) -> dict[int, int]:
    """Return the rank of each value: equal ones share it, and the next is counted on."""
    ranks: dict[int, int] = {}
    for place, value in enumerate(sorted(values, reverse=True), start=1):
        ranks.setdefault(value, place)
    return ranks
