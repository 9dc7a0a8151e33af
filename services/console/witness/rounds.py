"""The rounds of a witness: ask the ledger, verify, remember, cosign, send the line back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.console.client.http_client import Unanswered, client_for
from services.console.output.texts import said_on
from services.console.witness.served_log import ServedLog
from shared.clock import MICROSECONDS, Clock, system_clock
from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.trust.notes import COSIGNATURE, Note, NoteError, Signature, VerifierKey
from shared.trust.proofs import is_consistent
from shared.trust.witnessing import Witness, WitnessError, WitnessRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from httpx import Client

    from services.console.output.texts import Terminal

TIMEOUT_SECONDS = 30.0
_FORBIDDEN, _UNKNOWN = 403, 404


@dataclass(frozen=True, slots=True)
class WitnessOptions:
    """The options of a witness: its name, the logs' vkeys, its key file, and the home folder."""

    name: str
    logs: tuple[str, ...]
    key: Path | None
    home: Path

    @property
    def secret(self) -> SecretKey:
        """Return the key, made the first time."""
        return SecretKey.kept_at(self.key or self.home / "keys" / "witness.key")

    @property
    def vkey(self) -> str:
        """Return the verifier key of the witness."""
        return str(VerifierKey(self.name, COSIGNATURE, self.secret.public))

    @property
    def memory(self) -> CheckpointMemory:
        """Return the memory of what was cosigned."""
        return CheckpointMemory(self.home / "witness")

    @property
    def witness(self) -> Witness:
        """Return the witness."""
        return Witness(self.name, self.secret, log_keys(self.logs), self.memory)


def log_keys(stated: Iterable[str]) -> list[VerifierKey]:
    """Return the keys of logs; a wrong one ends the command."""
    try:
        return [VerifierKey.parse(each) for each in stated]
    except NoteError as error:
        message = f"--log: {error}"
        raise SystemExit(message) from None


def cosign_once(
    address: str, options: WitnessOptions, console: Terminal, clock: Clock = system_clock
) -> int:
    """Make one round; return 0, 1 if the log contradicts what was cosigned, 3 without an answer.

    Both notes of a contradiction are kept and printed.
    """
    say, witness, memory = said_on(console), options.witness, options.memory
    try:
        with memory.held(), client_for(address, TIMEOUT_SECONDS) as client:
            log = _to_cosign(witness, client, address)
            known = witness.known(log.checkpoint.origin)
            try:
                line = _cosigned(witness, log, clock() // MICROSECONDS)
            except WitnessError as error:
                # The proof is made of the log's own tiles: a wrong one is the log's fault.
                if known and error.status not in {_FORBIDDEN, _UNKNOWN}:
                    return shown_fork(memory, console, known[1], str(log.note))
                raise
            signature = Signature.parse(line.rstrip("\n"))
            log.cosign(str(Note(log.note.text, (*log.note.signatures, signature))))
    except Unanswered as error:
        say(f"Sổ không trả lời: {error}", f"The ledger does not answer: {error}")
        return 3
    except (NoteError, BlockingIOError) as error:
        say(f"Không ký chứng kiến: {error}", f"Not cosigned: {error}")
        return 1
    size = log.checkpoint.size
    say(f"Đã ký chứng kiến đến vị trí {size}.", f"Cosigned up to position {size}.")
    return 0


def _to_cosign(witness: Witness, client: Client, address: str) -> ServedLog:
    """Return the log as of the checkpoint of this hour, or of the last if that was passed before.

    Two processes with clocks of their own may disagree on the hour.
    """
    log = ServedLog(client, address, which="to_cosign")
    known = witness.known(log.checkpoint.origin)
    if known and known[0].size > log.checkpoint.size:
        return ServedLog(client, address)
    return log


def _cosigned(witness: Witness, log: ServedLog, now: int) -> str:
    """Return the line for a log's checkpoint; the log must not be shorter than it was."""
    known = witness.known(log.checkpoint.origin)
    old = known[0].size if known else 0
    proof = log.consistency(old) if old <= log.checkpoint.size else []
    return witness.add(str(WitnessRequest(old, tuple(proof), log.note)).encode(), now)


def sign_request(options: WitnessOptions, clock: Clock = system_clock) -> int:
    """Cosign a request from standard input; the line goes to standard output."""
    memory = options.memory
    try:
        with memory.held():
            line = options.witness.add(sys.stdin.buffer.read(), clock() // MICROSECONDS)
    except WitnessError as error:
        kept = memory.keep_fork(*error.fork) if error.fork else ()
        sys.stderr.write("\n".join([f"{error.status}: {error}", *map(str, kept)]) + "\n")
        return 1
    sys.stdout.buffer.write(line.encode())
    return 0


def shown_fork(memory: CheckpointMemory | None, console: Terminal, *notes: str) -> int:
    """Keep and print two notes of which none extends the other; return the exit code 1."""
    files = memory.keep_fork(*notes) if memory else []
    sizes = {Checkpoint.parse(Note.parse(each.encode()).text).size for each in notes}
    if len(sizes) == 1:
        said_on(console)(
            "HAI LỊCH SỬ: sổ đã ký hai điểm kiểm cùng cỡ mà khác nhau. Hãy giữ làm bằng chứng:",
            "TWO HISTORIES: the log has signed two different checkpoints of one size. Keep this "
            "as evidence:",
        )
    else:
        said_on(console)(
            "KHÔNG NỐI TIẾP: sổ không chứng minh được điểm kiểm sau nối tiếp điểm kiểm trước. Hãy "
            "giữ cả hai làm bằng chứng, và hỏi lại bằng đường truyền khác:",
            "NOT AN EXTENSION: the log does not prove that the one checkpoint extends the other. "
            "Keep both as evidence, and ask again over another connection:",
        )
    for file in files:
        console.print(str(file), markup=False, soft_wrap=True)
    for note in notes:
        console.print(f"\n{note}", markup=False, soft_wrap=True)
    return 1


def compare(
    first: str, second: str, logs: Iterable[str], address: str | None, console: Terminal
) -> int:
    """Compare two checkpoints, each a file or the address of a ledger; 1 for two histories.

    Those of different sizes need an address whose tiles prove that one extends the other; it is
    `address`, or one of the two.
    """
    say = said_on(console)
    try:
        keys = log_keys(logs)
        notes = [_read(each, keys) for each in (first, second)]
        (older, old), (newer, new) = sorted(notes, key=lambda each: each[1].size)
        if old.origin != new.origin:
            say("Hai điểm kiểm của hai sổ khác nhau.", "These are checkpoints of two logs.")
            return 2
        proof: list[bytes] = []
        if 0 < old.size < new.size:
            proof = _proof(old, new, [each for each in (address, first, second) if each])
    except Unanswered as error:
        say(f"Sổ không trả lời: {error}", f"The ledger does not answer: {error}")
        return 3
    except (NoteError, OSError) as error:
        say(f"Không đọc được: {error}", f"Cannot be read: {error}")
        return 2
    if not is_consistent((old.size, old.root), (new.size, new.root), proof):
        return shown_fork(None, console, str(older), str(newer))
    say(
        f"Một lịch sử: cỡ {new.size} nối tiếp cỡ {old.size}.",
        f"One history: size {new.size} extends size {old.size}.",
    )
    return 0


def _read(stated: str, logs: list[VerifierKey]) -> tuple[Note, Checkpoint]:
    """Return the checkpoint of a file or an address, signed by one of the logs."""
    if _is_address(stated):
        with client_for(stated, TIMEOUT_SECONDS) as client:
            note = ServedLog(client, stated).note
    else:
        note = Note.parse(Path(stated).read_bytes())
    checkpoint = Checkpoint.parse(note.text)
    if not note.signed_by([each for each in logs if each.name == checkpoint.origin]):
        raise NoteError(f"{stated}: no known key of the log has signed")
    return note, checkpoint


def _proof(old: Checkpoint, new: Checkpoint, places: list[str]) -> list[bytes]:
    """Return the proof of the first address that has one for the two sizes, else nothing."""
    for place in filter(_is_address, places):
        with client_for(place, TIMEOUT_SECONDS) as client:
            log = ServedLog(client, place)
            if log.checkpoint.size >= new.size:
                log.checkpoint = new
                return log.consistency(old.size)
    raise NoteError("checkpoints of different sizes need --address for the proof")


def _is_address(stated: str) -> bool:
    return stated.startswith(("http://", "https://"))


def request_for(address: str, old: int) -> int:
    """Write a request to cosign to standard output; the witness has cosigned size `old`."""
    try:
        with client_for(address, TIMEOUT_SECONDS) as client:
            log = ServedLog(client, address, which="to_cosign")
            request = WitnessRequest(old, tuple(log.consistency(old)), log.note)
    except (Unanswered, NoteError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.buffer.write(str(request).encode())
    return 0
