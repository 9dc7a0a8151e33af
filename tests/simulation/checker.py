"""The independent checker: what the contract promises, read from durable tables and notebooks.

It shares no code with what it checks: the standard library, the independent reading, the naive rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.checks_of_answers import acknowledged, order, waiting
from tests.simulation.checks_of_carriers import read_models, stream_of_the_log, taken_in
from tests.simulation.checks_of_the_log import log, rules

if TYPE_CHECKING:
    from tests.simulation.evidence import Evidence


def findings_in(evidence: Evidence) -> list[str]:
    """Return one sentence for everything that breaks a promise."""
    checks = (log, rules, acknowledged, order, waiting, stream_of_the_log, taken_in, read_models)
    return [finding for check in checks for finding in check(evidence)]
