"""The part of `dvk audit` that judges the checkpoint: its binding, signatures and history."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from services.console.client.http_client import Unanswered, client_for
from services.console.commands.complaints import complain
from services.console.output.faults import print_fault_lines, print_mark
from services.console.output.reasons import AuditReason
from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.console.witness.served_log import ServedLog
from services.reporting.audit import comparison
from services.reporting.audit.export_file import Export, Fault
from services.reporting.audit.independent_checkpoint import signatures_of
from shared.client.addresses import addresses_at
from shared.clock import MICROSECONDS, Clock
from shared.events.payloads.authority import TrustBegan
from shared.trust.checkpoints import Checkpoint
from shared.trust.merkle import leaf_hash
from shared.trust.notes import ED25519, Note, NoteError, VerifierKey, to_base64
from shared.trust.policy import NONE, Policy, Witnessed
from shared.trust.proofs import LeafRun, is_consistent
from shared.trust.tiles import entry


@dataclass(frozen=True)
class SealTerms:
    """The auditor's own knowledge: keys of the log (vkeys), a policy, a checkpoint of earlier.

    What is not stated is taken from the event with which trust began, if that is pinned.
    """

    vkeys: tuple[str, ...] = ()
    policy: str | None = None
    kept: Note | None = None

    @classmethod
    def read(cls, vkeys: tuple[str, ...], policy: Path | None, kept: Path | None) -> "SealTerms":
        """Return the terms of a command; raises `NoteError` or `OSError`."""
        for each in vkeys:
            if VerifierKey.parse(each).kind != ED25519:
                raise NoteError("the key of a log is of the kind 0x01")
        note = None if kept is None else Note.parse(kept.read_bytes())
        if note is not None:
            Checkpoint.parse(note.text)
        text = None if policy is None else policy.read_text("utf-8")
        if text is not None:
            Policy.parse(text)
        return cls(vkeys, text, note)

    def with_those_of(self, trust: TrustBegan | None) -> "SealTerms":
        """Return the terms, with those of the beginning of trust where none are stated."""
        if trust is None:
            return self
        stated = bool(self.vkeys or self.policy)
        keys = self.vkeys if stated else tuple(trust.checkpoint_keys or ())
        return SealTerms(keys, self.policy or trust.witness_policy, self.kept)

    @property
    def known(self) -> bool:
        """Say whether a key or a policy is known, so that the export must have a checkpoint."""
        return bool(self.vkeys or self.policy)

    def as_policy(self) -> Policy:
        """Return the policy under which checkpoints are judged; raises `NoteError`."""
        policy = Policy((), {}, {}, NONE) if self.policy is None else Policy.parse(self.policy)
        if self.vkeys:
            policy = policy._replace(logs=tuple(map(VerifierKey.parse, self.vkeys)))
        return policy


def say_not_verified(note: Note, console: Terminal) -> None:
    """Say that the signature of a checkpoint was not verified, as no key of the log is known."""
    origin, size, root = Checkpoint.parse(note.text)
    said_on(console)(
        f"Điểm kiểm của {origin}: {number(size)} sự kiện, gốc {to_base64(root)}. Chữ ký "
        "của nó chưa được kiểm: hãy nêu --vkey hoặc --policy, hoặc đối chiếu với điểm kiểm "
        "đã giữ bằng --checkpoint.",
        f"The checkpoint of {origin} has {number_en(size)} events. Its signature is not "
        "verified: state --vkey or --policy, or an earlier one with --checkpoint.",
    )


class AuditedCheckpoint:
    """Judges the checkpoint of an export, prints the result, and collects what is wrong.

    `wrong` says whether anything is; `cannot` whether something could not be judged.
    """

    def __init__(self, export: Export, terms: SealTerms, clock: Clock, console: Terminal) -> None:
        self._export = export
        self._note = export.manifest.checkpoint
        self._terms = terms
        self._policy = Policy((), {}, {}, NONE)
        self._now = clock() // MICROSECONDS
        self._console = console
        self._say = said_on(console)
        self._reasons: dict[AuditReason, int | None] = {}
        self.wrong = False
        self.cannot = False

    @property
    def reasons(self) -> Mapping[AuditReason, int | None]:
        """Return the reasons that were found."""
        return self._reasons

    def run(self, address: str | None = None) -> None:
        """Judge binding, signatures and history, the latter with the ledger at an address too."""
        try:
            self._policy = self._terms.as_policy()
        except NoteError as error:
            self._blame(
                f"khóa hoặc chính sách nêu khi bắt đầu chế độ ký không dùng được: {error}",
                f"the keys or the policy stated when trust began cannot be used: {error}",
            )
            return
        if self._note is not None:
            self._judge_binding()
            self._judge_signatures(self._note)
        elif self._terms.known:
            self._blame(
                "tệp không gắn với điểm kiểm nào (định dạng 1), nhưng sổ có khóa niêm phong",
                "the file is bound to no checkpoint (format 1), though the log has a key for them",
            )
            if self._terms.policy is not None:
                self._reasons[AuditReason.NOT_WITNESSED] = None
        with ExitStack() as stack:
            try:
                served = None
                if address is not None and self._note is not None:
                    client = stack.enter_context(client_for(address, 60))
                    served = ServedLog(client, addresses_at(address, client).reporting)
                    self._judge_served(Checkpoint.parse(self._note.text), served)
                if self._terms.kept is not None:
                    self._judge_history(self._terms.kept, served)
            except (Unanswered, NoteError) as error:
                complain(self._console, Unanswered(str(error)))
                self.cannot = True

    def _blame(self, vietnamese: str, english: str, position: int | None = None) -> None:
        print_fault_lines([Fault(position, vietnamese, english)], self._console)
        self.wrong = True

    def _judge_binding(self) -> None:
        """Compare the binding of the runs, which the first reading found right, with the second."""
        for first in comparison.positions_not_bound(self._export):
            self._blame(
                "chỉ lần đọc lại thấy đoạn này không thuộc gốc của điểm kiểm",
                "not under the root of the checkpoint by the independent reading only",
                first,
            )

    def _judge_signatures(self, note: Note) -> None:
        origin, size, root = Checkpoint.parse(note.text)
        if not self._terms.known:
            say_not_verified(note, self._console)
            return
        judged, why = self._twice_judged(note)
        if judged is None:
            self._blame(
                f"điểm kiểm không có chữ ký đúng của sổ: {why}",
                f"the checkpoint has no right signature of the log: {why}",
            )
            return
        witnesses = ", ".join(judged.cosigned) or "0"
        print_mark(self._console, good=judged.enough)
        self._say(
            f"Điểm kiểm của {origin}: {number(size)} sự kiện, gốc {to_base64(root)}; chữ ký của "
            f"sổ đúng, hai cách đọc khớp. Chứng kiến: {witnesses}.",
            f"The checkpoint of {origin} has {number_en(size)} events, all of the file are under "
            f"its root, and the log signed it, by both readings. Witnesses: {witnesses}.",
        )
        if not judged.enough:
            self._reasons[AuditReason.NOT_WITNESSED] = None
            self.wrong = True

    def _twice_judged(self, note: Note) -> tuple[Witnessed | None, str]:
        """Return the verdict on a checkpoint, None if a signature is wrong or the readings differ.

        The reason comes with it.
        """
        terms, first, why = self._terms, None, ""
        try:
            first = self._policy.judge(note, self._now)
        except NoteError as error:
            why = str(error)
        second = signatures_of(str(note), terms.vkeys, terms.policy, self._now)
        agree = second.right == (first is not None)
        if first is not None:
            cosigned = second.cosigned == first.cosigned.keys()
            agree = agree and cosigned and second.enough == first.enough
        return (first, why) if agree else (None, both("hai cách đọc khác nhau", "readings differ"))

    def _judge_served(self, own: Checkpoint, served: ServedLog) -> None:
        """Judge whether the ledger's log continues the checkpoint of the export."""
        new = served.checkpoint
        if self._terms.known:
            self._policy.judge(served.note, self._now)
        if new.size < own.size:
            raise NoteError(
                f"the ledger is sealed up to {new.size} only, the file up to {own.size}"
            )
        if _is_extended(own, served):
            print_mark(self._console, good=True)
            self._say(
                f"Sổ đang chạy ({number(new.size)} sự kiện) nối tiếp điểm kiểm của tệp.",
                f"The running ledger ({number_en(new.size)} events) continues the file's.",
            )
        else:
            self._reasons[AuditReason.OTHER_HISTORY] = own.size
            self._blame(
                "sổ đang chạy không nối tiếp điểm kiểm của tệp",
                "the running ledger does not continue the checkpoint of the file",
                own.size,
            )

    def _judge_history(self, kept: Note, served: ServedLog | None) -> None:
        """Judge whether the export continues a checkpoint that the auditor kept.

        Where the export is not whole, that is seen from the ledger: it continues both, or not.
        """
        old = Checkpoint.parse(kept.text)
        if self._terms.known:
            try:
                self._policy.judge(kept, self._now)
            except NoteError as error:
                self._blame(f"--checkpoint: {error}", f"--checkpoint: {error}")
                return
        new = None if self._note is None else Checkpoint.parse(self._note.text)
        if new is not None and new.origin != old.origin:
            self._blame(
                f"điểm kiểm đã giữ là của {old.origin}, tệp là của {new.origin}",
                f"the kept checkpoint is of {old.origin}, the file of {new.origin}",
            )
            return
        root = new.root if new is not None and new.size == old.size else self._root_at(old.size)
        if root is None and served is not None and old.size <= served.checkpoint.size:
            root = old.root if _is_extended(old, served) else b""
        if root is None:
            self.cannot = True
            self._say(
                f"Không kiểm được với điểm kiểm đã giữ ({number(old.size)} sự kiện): tệp không có "
                "mọi sự kiện đến đó. Hãy xuất cả sổ, hoặc nêu --address.",
                f"It cannot be checked against the kept checkpoint ({number_en(old.size)} events): "
                "the file has not every event up to there. Export the whole log, or state "
                "--address.",
            )
        elif not _continues(root, old.root):
            self._reasons[AuditReason.OTHER_HISTORY] = old.size
            self._blame(
                "sổ có gốc khác với điểm kiểm đã giữ: quá khứ đã bị viết lại",
                "the log has another root than the kept checkpoint: its past was rewritten",
                old.size,
            )
        else:
            print_mark(self._console, good=True)
            self._say(
                f"Nối tiếp điểm kiểm đã giữ ({number(old.size)} sự kiện).",
                f"It continues the kept checkpoint ({number_en(old.size)} events).",
            )

    def _root_at(self, size: int) -> bytes | None:
        """Return the root over the first events, None if the export has not all of them."""
        leaves = LeafRun(0)
        for event in self._export.events(until=size):
            if event.position != leaves.end + 1:
                return None
            leaves.append(leaf_hash(entry(event.position, event.recorded_us, event.digest)))
        return leaves.root(size, (), ()) if leaves.end == size else None


def _is_extended(old: Checkpoint, served: ServedLog) -> bool:
    """Return whether the tiles of a ledger prove that its checkpoint extends an older one."""
    new = served.checkpoint
    proof = served.consistency(old.size) if old.size < new.size else []
    pair = (old.size, old.root), (new.size, new.root)
    return old.origin == new.origin and is_consistent(*pair, proof)


def _continues(root: bytes, kept: bytes) -> bool:
    return root == kept
