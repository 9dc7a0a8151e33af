"""The part of `dvk audit --archive` that judges trust and the checkpoint, event by event.

The archive is written as an export to a temporary file for it, so that both readings of an audit
judge it as they judge exports.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from services.console.commands.audit import AuditQuery
from services.console.output.faults import print_fault_lines
from services.console.output.reasons import print_reasons
from services.console.output.texts import Terminal
from services.console.trust.audited_authority import say_not_pinned
from services.console.trust.audited_checkpoint import SealTerms, say_not_verified
from services.console.trust.audited_export import AGREES, CANNOT, DISAGREES, judge_export
from services.reporting.archive.as_export import as_export
from services.reporting.archive.layout import ArchiveManifest, Storage
from services.reporting.archive.replay import ArchivedLog
from services.reporting.archive.sealing import note_of
from shared.clock import Clock
from shared.events.payloads.authority import TrustBegan


def judge_archive(
    storage: Storage,
    manifest: ArchiveManifest,
    query: AuditQuery,
    clock: Clock,
    console: Terminal,
) -> int:
    """Judge signatures, rights and checkpoint of a verified archive, as far as it is asked for.

    Returns an exit code. Raises `NoteError` or `OSError` for terms that cannot be read.
    """
    terms = SealTerms.read(query.vkeys, query.policy, query.checkpoint)
    if query.trust is None and not terms.known and terms.kept is None:
        note = note_of(manifest)
        if note is not None:
            say_not_verified(note, console)
        if ArchivedLog(storage, manifest).streams([TrustBegan.STREAM]):
            say_not_pinned(console)
            return CANNOT
        return AGREES
    with TemporaryDirectory(prefix="dvk-audit-") as folder:
        export = as_export(storage, manifest, Path(folder, "archive.jsonl"))
        if export.faults:
            print_fault_lines(export.faults, console)
            return DISAGREES
        judged = judge_export(
            export, terms, query.trust, query.against, clock=clock, console=console
        )
    if judged is None:
        return CANNOT
    print_reasons(judged.reasons, console)
    return judged.code
