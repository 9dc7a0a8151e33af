"""The digest of a summary, by which a closing fixes the figures of a year.

Closings state it, and audits recompute it from the canonical form, in any programming language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from shared.events.canonical_json import canonical
from shared.vocabulary import DEFAULT_PROGRAMME, Measure

RULES = 2
"""The version of the counting rules in use; figures of different rules never share a digest."""

MEASURES_OF_RULES: Mapping[int, tuple[Measure, ...]] = {
    1: tuple(Measure)[:12],
    2: tuple(Measure),
}
"""The measures of each version; old versions are kept, as years were closed by them."""


@dataclass(frozen=True, slots=True)
class FixedFigures:
    """The content of a digest (events.md, HTTP); `unit_id` is None before a country exists."""

    unit_id: str | None
    map: str
    programme: str
    year: int
    position: int
    measures: Mapping[str, int]

    def as_json(self, rules: int = RULES) -> dict[str, Any]:
        """Return the seven members, with exactly the measures of a version of the rules."""
        return {
            "unit_id": self.unit_id,
            "map": self.map,
            "programme": self.programme,
            "year": self.year,
            "position": self.position,
            "rules": rules,
            "measures": self.counted(rules),
        }

    def counted(self, rules: int = RULES) -> dict[str, int]:
        """Return the measures that a version of the rules counts."""
        return {str(measure): self.measures[measure] for measure in MEASURES_OF_RULES[rules]}

    def canonical(self, rules: int = RULES) -> bytes:
        """Return the RFC 8785 form, which is hashed."""
        return canonical(self.as_json(rules))

    def digest(self, rules: int = RULES) -> str:
        """Return `sha256:` and the hex digits of the SHA-256 of the canonical form."""
        return f"sha256:{sha256(self.canonical(rules)).hexdigest()}"

    def digests(self) -> dict[int, str]:
        """Return the digest of each version of the rules; a closing states one of them."""
        return {rules: self.digest(rules) for rules in MEASURES_OF_RULES}

    def rules_of(self, digest: str) -> int:
        """Return the version of the rules with a digest; the current one if none has it."""
        found = (rules for rules, stated in self.digests().items() if stated == digest)
        return next(found, RULES)


_PUBLISHED = {
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
    measures={measure: _PUBLISHED.get(measure, 0) for measure in Measure},
)
"""The summary of Bắc Kạn city, 2022, at the last position of the sample."""


def worked_example() -> Mapping[str, Any]:
    """Return an example for the contract files: content, canonical form and digest.

    `earlier_rules` has the same for each earlier version of the rules.
    """
    return {
        "description": "The digest of a summary, and of a closing, is the SHA-256 of "
        "the UTF-8 bytes of `canonical`, which is the RFC 8785 form of `fixed`.",
        **_worked(RULES),
        "earlier_rules": [_worked(rules) for rules in MEASURES_OF_RULES if rules != RULES],
    }


def _worked(rules: int) -> dict[str, Any]:
    return {
        "fixed": EXAMPLE.as_json(rules),
        "canonical": EXAMPLE.canonical(rules).decode(),
        "digest": EXAMPLE.digest(rules),
    }
