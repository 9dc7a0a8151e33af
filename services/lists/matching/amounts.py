"""Amounts of results: the unit behind a number says which metric it is of."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.lists.reading.numbers import Amount
from services.lists.remarks import Remark
from shared.vocabulary.vietnamese import plain

_UNITS: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(("m2", "m²", "mét vuông"), ("land_donated_m2", 1)),
    **dict.fromkeys(("ha", "héc ta", "hecta"), ("land_donated_m2", 10_000)),
    **dict.fromkeys(("công", "ngày công"), ("workdays", 1)),
    **dict.fromkeys(("đ", "đồng", "vnđ", "vnd"), ("money_vnd", 1)),
    **dict.fromkeys(("nghìn đồng", "ngàn đồng"), ("money_vnd", 1_000)),
    **dict.fromkeys(("triệu", "triệu đồng", "tr đồng"), ("money_vnd", 1_000_000)),
    **dict.fromkeys(("tỷ", "tỷ đồng", "tỉ đồng"), ("money_vnd", 1_000_000_000)),
}
"""Units as offices write them: the metric, and how many of its own unit each is."""
_METRICS = {plain(unit): meaning for unit, meaning in _UNITS.items()}
_WITH_UNITS = frozenset(metric for metric, _ in _UNITS.values())


def metrics_of(
    amounts: Sequence[Amount], stated: str | None, cell: str
) -> tuple[Mapping[str, Decimal], Sequence[Remark]]:
    """Return the numbers of a cell by metric, in the units of the metrics, or what is wrong.

    `stated` is the metric of the row: it is that of a number without a unit, or with one of its
    own; a unit that says another metric contradicts it.
    """
    found: dict[str, Decimal] = {}
    for amount in amounts:
        metric, factor = _METRICS.get(plain(amount.unit), (None, 1))
        # A metric of a locality has a unit of its own, whatever is written behind the number.
        own = stated not in _WITH_UNITS or not amount.unit
        if stated is not None and len(amounts) == 1 and own:
            metric, factor = stated, 1
        if metric is None or metric in found:
            return {}, (_unclear(amount, cell),)
        found[metric] = amount.number * factor
    if stated is not None and stated not in found:
        return {}, (_contradicts(amounts, cell),)
    return found, ()


def _unclear(amount: Amount, cell: str) -> Remark:
    read = f"{amount.number.normalize():f} {amount.unit}".strip()
    return Remark(
        "metric_unclear",
        f"Không rõ “{read}” là của chỉ số nào: hãy điền cột Chỉ số, hoặc ghi đơn vị sau mỗi số "
        "(m2, ngày công, đồng), mỗi chỉ số một lần.",
        f"It is not clear of which metric “{read}” is: fill in the column Chỉ số, or write a unit "
        "behind each number (m2, ngày công, đồng), each metric once.",
        "value",
        cell,
        read,
    )


def _contradicts(amounts: Sequence[Amount], cell: str) -> Remark:
    units = ", ".join(amount.unit for amount in amounts)
    return Remark(
        "metric_contradicted",
        f"Đơn vị “{units}” không phải của chỉ số ở cột Chỉ số. Hãy sửa một trong hai.",
        f"The unit “{units}” is not that of the metric in the column Chỉ số. Correct one of them.",
        "value",
        cell,
        units,
    )
