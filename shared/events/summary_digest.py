"""The digest of a summary, by which a closing fixes the figures of a year: its canonical form.

Whoever closes a year states it, and whoever audits a closing computes it again, in any language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from shared.events.jcs import canonical
from shared.vocabulary import DEFAULT_PROGRAMME, Measure

RULES = 1
"""The version of the counting rules; figures counted by other rules never share a digest."""


@dataclass(frozen=True, slots=True)
class FixedFigures:
    """What a digest is taken of (events.md, HTTP); `unit_id` None: there is no country yet."""

    unit_id: str | None
    map: str
    programme: str
    year: int
    position: int
    measures: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the seven members, with exactly the twelve measures."""
        return {
            "unit_id": self.unit_id,
            "map": self.map,
            "programme": self.programme,
            "year": self.year,
            "position": self.position,
            "rules": RULES,
            "measures": {str(measure): self.measures[measure] for measure in Measure},
        }

    def canonical(self) -> bytes:
        """Return the bytes that are hashed: the RFC 8785 form."""
        return canonical(self.as_json())

    def digest(self) -> str:
        """Return `sha256:` and the hex digits of the SHA-256 of the canonical form."""
        return f"sha256:{sha256(self.canonical()).hexdigest()}"


_TOLD = {
    Measure.REGISTERED: 191,
    Measure.ELIGIBLE: 160,
    Measure.RECOGNIZED: 129,
    Measure.INSPECTED_UNITS: 15,
    Measure.RECOGNIZED_ORGANIZATIONS: 29,
}
EXAMPLE = FixedFigures(
    unit_id="gso-2004-058",
    map="recorded",
    programme=DEFAULT_PROGRAMME,
    year=2022,
    position=641,
    measures={measure: _TOLD.get(measure, 0) for measure in Measure},
)
"""The summary of Bắc Kạn city, 2022, at the last position of the sample."""


def worked_example() -> Mapping[str, Any]:
    """Return one example for the contract files: what is fixed, its canonical form, its digest."""
    return {
        "description": "What a summary's digest, and so a closing's, is taken of: the SHA-256 of "
        "the UTF-8 bytes of `canonical`, which is the RFC 8785 form of `fixed`.",
        "fixed": EXAMPLE.as_json(),
        "canonical": EXAMPLE.canonical().decode(),
        "digest": EXAMPLE.digest(),
    }
