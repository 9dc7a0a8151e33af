"""What kind of unit a name speaks of, and what a unit is called in the ledger."""

from typing import NamedTuple

_KINDS = (
    "đặc khu",
    "huyện",
    "phường",
    "quận",
    "thành phố",
    "thị trấn",
    "thị xã",
    "xã",
)
_CITIES = {"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}
"""The six cities among the 34 provinces; five of them bore the same name before."""


class Called(NamedTuple):
    """A name as the ledger has it, and the kind of the unit."""

    name: str
    kind: str


def province_called(written: str) -> Called:
    """Return the name of a province, which stands without its kind."""
    return Called(written, "thành phố" if written in _CITIES else "tỉnh")


def called(written: str) -> Called:
    """Return the name of a district or commune, which begins with its kind.

    The data write both `Thành Phố` and `Thành phố`; a name of no known kind is a ValueError.
    """
    for kind in _KINDS:
        if written.lower().startswith(f"{kind} "):
            return Called(f"{kind.capitalize()}{written[len(kind) :]}", kind)
    raise ValueError(f"{written!r} begins with no kind of unit")
