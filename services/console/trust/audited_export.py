"""Authority and checkpoint of an export, judged alike for a file and for an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from services.console.trust.audited_authority import Trusted, print_trust
from services.console.trust.audited_checkpoint import AuditedCheckpoint

if TYPE_CHECKING:
    from services.console.output.reasons import AuditReasons
    from services.console.output.texts import Terminal
    from services.console.trust.audited_checkpoint import SealTerms
    from services.reporting.audit.export_file import Export
    from shared.clock import Clock

AGREES, DISAGREES, CANNOT = 0, 1, 2
"""Exit codes of an audit."""


class JudgedExport(NamedTuple):
    """The judgement of an export as an exit code, with its reasons."""

    code: int
    reasons: AuditReasons

    def with_figures(self, audited: int) -> int:
        """Return the exit code together with that of the figures."""
        if DISAGREES in {self.code, audited}:
            return DISAGREES
        return self.code or audited


def judge_export(
    export: Export,
    terms: SealTerms,
    pinned: str | None,
    address: str | None,
    *,
    clock: Clock,
    console: Terminal,
) -> JudgedExport | None:
    """Print and return the judgement; None where nothing can be judged.

    `pinned` is the digest (hex) of the event with which trust began, as the auditor knows it; at
    `address` is a running ledger, whose history is compared.
    """
    trusted = print_trust(export, pinned, console)
    if trusted.verdict is Trusted.UNKNOWN:
        return None
    seal = AuditedCheckpoint(export, terms.with_those_of(trusted.trust), clock, console)
    seal.run(address)
    code = CANNOT if seal.cannot else AGREES
    if trusted.verdict is Trusted.NO or seal.wrong:
        code = DISAGREES
    return JudgedExport(code, {**trusted.reasons, **seal.reasons})
