"""The worker on uploads: checks them, and sends those that were confirmed, on its threads."""

import logging
import queue
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from services.lists.kinds.catalog import KINDS
from services.lists.ledger.reader import LedgerReader
from services.lists.persons.list_persons import ListPersons
from services.lists.persons.vault import PersonVault
from services.lists.uploads.checked_rows import SENDABLE, CheckedRow, RowState
from services.lists.uploads.checking import ListCheck, batches, send
from services.lists.uploads.list_reading import read_list
from services.lists.uploads.matching_rows import words_of
from services.lists.uploads.store import DeskStore
from services.lists.uploads.tables import AWAY
from services.lists.uploads.upload import Upload, UploadStage
from services.lists.uploads.vanished_rows import vanished
from shared.client.delivery import Delivery, Item, Undeliverable
from shared.clock import MICROSECONDS, Clock, day_in_vietnam
from shared.errors import LedgerError, Problem, Rule, Unavailable, declare

LEDGER_AWAY = declare(
    "ledger_away",
    503,
    vi="Sổ cái không trả lời: {reason}. Danh sách còn nguyên ở đây; hãy thử lại sau.",
    en="The ledger does not answer: {reason}. The list is kept here; try again later.",
)
DESK_FAULT = declare(
    "desk_fault",
    500,
    vi="Bàn danh sách gặp lỗi của chính mình khi đọc tệp này; lỗi đã được ghi lại. Chưa có gì được "
    "gửi. Hãy báo cho người vận hành.",
    en="The list desk failed on this file by a fault of its own, which is logged. Nothing was "
    "sent. Tell its operator.",
)
_PAUSE_SECONDS = 1.0
LOOK_SECONDS = 10.0
"""How often an idle thread looks for work that no request has handed over."""
_FORGOTTEN_US = 60 * MICROSECONDS
"""An upload without progress for so long, and in no hand, was stored by a commit whose answer was
lost: who uploaded it got 503."""
STUCK_MINUTES = 15
UPLOADS_STUCK = declare(
    "list_uploads_stuck",
    503,
    vi="Số danh sách đang kiểm tra hoặc đang gửi mà {minutes} phút chưa tiến thêm: {count}.",
    en="Lists being checked or sent that made no progress for {minutes} minutes: {count}.",
)
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class DeskWorker:
    """Works on one upload after another; what was under way at a stop goes on at the next start."""

    store: DeskStore
    ledger: LedgerReader
    delivery: Delivery
    vault: PersonVault
    clock: Clock
    threads: int = 2
    pause: Callable[[float], None] = time.sleep
    _waiting: "queue.Queue[str | None]" = field(default_factory=queue.Queue)
    _running: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_hand: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Begin to work, first on what was under way."""
        for upload in self.store.running():
            self.take(upload)
        for number in range(self.threads):
            thread = threading.Thread(target=self._run, name=f"desk-{number}", daemon=True)
            thread.start()
            self._running.append(thread)

    def stop(self) -> None:
        """Finish the uploads in hand, then end."""
        for _ in self._running:
            self._waiting.put(None)
        for thread in self._running:
            thread.join()
        self._running.clear()

    def take(self, upload: Upload) -> None:
        """Work on an upload as its stage says, when its turn comes."""
        with self._lock:
            self._in_hand.add(upload.upload_id)
        self._waiting.put(upload.upload_id)

    def look(self) -> None:
        """Take the uploads that are to be worked on and that no request has handed over."""
        with self._lock:
            for upload in self.store.running(self.clock() - _FORGOTTEN_US):
                if upload.upload_id not in self._in_hand:
                    self._in_hand.add(upload.upload_id)
                    self._waiting.put(upload.upload_id)

    def require_progress(self) -> None:
        """Raise when an upload under way has made no progress for long."""
        since = self.clock() - STUCK_MINUTES * 60 * MICROSECONDS
        if count := self.store.unchanged_since(since):
            raise LedgerError(Problem(UPLOADS_STUCK, {"count": count, "minutes": STUCK_MINUTES}))

    def _run(self) -> None:
        while True:
            try:
                upload_id = self._waiting.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                with suppress(LedgerError):
                    self.look()
                continue
            if upload_id is None:
                return
            try:
                upload = self.store.get(upload_id)
                if upload is not None:
                    self.work(upload)
            except Unavailable as error:
                _logger.error("upload %s waits: %s", upload_id, error)  # noqa: TRY400
                self._waiting.put(upload_id)
                self.pause(_PAUSE_SECONDS)
            else:
                with self._lock:
                    self._in_hand.discard(upload_id)

    def work(self, upload: Upload) -> None:
        """Do the next step of an upload; what hinders it is kept with it.

        Raises `Unavailable` when the desk's own database does not answer.
        """
        step: Callable[[Upload], None] | None = {
            UploadStage.CHECKING: self._check,
            UploadStage.SENDING: self._send,
        }.get(upload.stage)
        if step is None:
            return
        back = (
            UploadStage.CHECKED if upload.stage is UploadStage.SENDING else UploadStage.UNREADABLE
        )
        try:
            step(upload)
        except LedgerError as error:
            if error.problem.rule in AWAY:
                raise
            said = _said(error.problem.rule, error.problem.params)
            self.store.change(self._now(upload), stage=back, problem=said)
        except Undeliverable as error:
            said = _said(LEDGER_AWAY, {"reason": str(error)})
            self.store.change(self._now(upload), stage=back, problem=said)
        except Exception as error:  # noqa: BLE001  it is logged, without what it may quote of cells
            where = "".join(traceback.format_tb(error.__traceback__))
            fault = type(error).__name__
            _logger.error("upload %s failed by %s\n%s", upload.upload_id, fault, where)  # noqa: TRY400
            said = _said(DESK_FAULT, {})
            self.store.change(self._now(upload), stage=back, problem=said)

    def _now(self, upload: Upload) -> Upload:
        """Return an upload as it is kept by now."""
        return self.store.get(upload.upload_id) or upload

    def _check(self, upload: Upload) -> None:
        kind = KINDS[upload.kind]
        content = self.store.content(upload.upload_id)
        reading = read_list(content, kind, upload.answers)
        upload = self.store.change(
            upload, total=len(reading.rows), done=0, summary=reading.summary, problem=None
        )
        words = words_of(kind, upload.scope, self.ledger, day_in_vietnam(self.clock()))

        def advanced(rows: int) -> None:
            self.store.change(upload, done=rows)

        check = ListCheck(
            kind,
            words,
            self.ledger,
            self.delivery,
            ListPersons(self.vault, upload.unit_id, words.organizations, upload.answers),
            advanced,
            upload.answers,
        )
        rows = check.check(reading.rows)
        gone = vanished(self.store.recorded_before(upload), rows, words.registrations)
        self.store.keep_rows(upload.upload_id, rows)
        self.store.change(
            upload,
            stage=UploadStage.CHECKED,
            done=len(rows),
            checks=upload.checks + 1,
            counts=_counts(rows),
            summary={**upload.summary, "vanished": gone},
            position=self.ledger.head(),
        )

    def _send(self, upload: Upload) -> None:
        """Send every row that may be sent; those with positions were sent before a stop."""
        rows = self.store.rows(upload.upload_id)
        sendable = SENDABLE if upload.only_good else SENDABLE | {RowState.WAITING}
        waiting = [row for row in rows if row.state in sendable and not row.positions]
        done = len(rows) - len(waiting)
        answered: dict[str, Item] = {}
        for batch in batches(waiting):
            before = {row.number: row.state for row in batch}
            send(batch, self.delivery, answered)
            for row in batch:
                # Sent before a stop, and answered now as known: it is still this list that sent it.
                if row.state is RowState.KNOWN:
                    row.state = before[row.number]
            self.store.change_rows(upload.upload_id, batch)
            done += len(batch)
            upload = self.store.change(upload, done=done)
        self.store.change(
            upload,
            stage=UploadStage.SENT,
            done=len(rows),
            counts=self.store.count_rows(upload.upload_id),
            position=self.ledger.head(),
        )


def _said(rule: Rule, params: Mapping[str, object]) -> tuple[str, str, str]:
    """Return a problem as an upload keeps it: its code, and its words in both languages."""
    return rule.code, rule.words("vi", params), rule.words("en", params)


def _counts(rows: Sequence[CheckedRow]) -> dict[str, int]:
    return dict(Counter(row.state.value for row in rows))
