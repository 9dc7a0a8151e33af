"""`dvk digest`: one e-mail for each subscription with news, since the last one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.console.client.http_client import RequestRefused, Unanswered, client_for
from services.console.commands.complaints import complain
from services.console.local.data_directory import CannotStart
from services.console.output.texts import said_on
from services.console.subscriptions.cursors import Cursor, open_cursors
from services.console.subscriptions.files import read_digests
from services.console.subscriptions.mail import MailServer, Span, digest_message
from services.console.subscriptions.news import NO_NEWS, NewsReader
from shared.client.addresses import addresses_at
from shared.clock import day_in_vietnam

if TYPE_CHECKING:
    from services.console.output.texts import Terminal
    from services.console.subscriptions.cursors import Cursors
    from services.console.subscriptions.files import DigestSubscription
    from services.console.subscriptions.news import News
    from shared.clock import Clock
    from shared.settings import Settings

_DAYS = {"day": 1, "week": 7}


def digest(settings: Settings, at: str, console: Terminal, clock: Clock) -> int:
    """Send the digests that are due; 0, or 1 if one must be tried again, or 2 if none could be."""
    try:
        subscriptions = read_digests(settings.home).subscription
        server, sender = MailServer.of(settings.smtp_url), _sender(settings)
        with client_for(at, 60) as client, open_cursors(settings.home, "digest") as cursors:
            ledger = NewsReader(client, addresses_at(at, client).reporting)
            run = DigestRun(ledger, cursors, server, sender, console)
            today, reached = day_in_vietnam(clock()), ledger.reached()
            sent = [run.send(each, today, reached) for each in subscriptions]
    except (CannotStart, Unanswered) as error:
        complain(console, error)
        return 2
    return 0 if all(sent) else 1


def _sender(settings: Settings) -> str:
    if settings.mail_from is None:
        raise CannotStart(
            "Hãy đặt DVK_MAIL_FROM: địa chỉ gửi của bản tin.",
            "Set DVK_MAIL_FROM: the sender of the digests.",
        )
    return settings.mail_from


class DigestRun:
    """One run over the subscriptions."""

    def __init__(
        self,
        ledger: NewsReader,
        cursors: Cursors,
        server: MailServer,
        sender: str,
        console: Terminal,
    ) -> None:
        self._ledger = ledger
        self._cursors = cursors
        self._server = server
        self._sender = sender
        self._say = said_on(console)

    def send(self, subscription: DigestSubscription, today: date, reached: int) -> bool:
        """Send the digest of a subscription if it is due; say whether nothing failed."""
        try:
            cursor = self._cursors.get(subscription.name)
            if cursor is None:
                self._begin(subscription, reached)
                return True
            if cursor.pending is None and not _is_due(cursor, subscription, today):
                return True
            self._deliver(subscription, cursor, self._span(subscription, cursor, reached), today)
        except (OSError, ValueError, Unanswered) as error:
            self._say(
                f"{subscription.name}: chưa gửi được ({error}); lần chạy sau sẽ gửi lại.",
                f"{subscription.name}: not sent ({error}); the next run tries again.",
            )
            return False
        return True

    def _begin(self, subscription: DigestSubscription, reached: int) -> None:
        cursor = Cursor("digest", subscription.name, reached)
        if subscription.signals:
            cursor.judged_on = self._ledger.last_judged(subscription.unit).isoformat()
        self._cursors.save(cursor)
        self._say(
            f"{subscription.name}: bắt đầu theo dõi từ vị trí {reached}.",
            f"{subscription.name}: begins after position {reached}.",
        )

    def _span(self, subscription: DigestSubscription, cursor: Cursor, reached: int) -> Span:
        """Return what the next digest is of; that of a pending one does not change."""
        if cursor.pending is not None:
            return Span(cursor.position, cursor.pending, cursor.judged_on, cursor.pending_on)
        if not subscription.signals:
            return Span(cursor.position, reached, cursor.judged_on, None)
        judged = self._ledger.last_judged(subscription.unit).isoformat()
        return Span(cursor.position, reached, cursor.judged_on or judged, judged)

    def _deliver(
        self, subscription: DigestSubscription, cursor: Cursor, span: Span, today: date
    ) -> None:
        news, signals = self._read(subscription, span)
        if news.items or signals.items:
            # Before sending: after a crash the same digest is repeated.
            cursor.pending, cursor.pending_on = span.until, span.judged_until
            self._cursors.save(cursor)
            workbook = self._workbook(subscription, span) if news.items else None
            message = digest_message(subscription, self._sender, (news, signals), span, workbook)
            self._server.send(message)
            cursor.sent_on = today.isoformat()
            count = len(news.items) + len(signals.items)
            self._say(
                f"{subscription.name}: đã gửi {count} việc mới.",
                f"{subscription.name}: sent {count} entries.",
            )
        cursor.position, cursor.pending = span.until, None
        cursor.judged_on, cursor.pending_on = span.judged_until or cursor.judged_on, None
        self._cursors.save(cursor)

    def _read(self, subscription: DigestSubscription, span: Span) -> tuple[News, News]:
        """Return the events and the signals of a digest."""
        unit, lang, kinds = subscription.unit, subscription.lang, subscription.events
        news = signals = NO_NEWS
        if kinds is not None and span.until > span.after:
            news = self._ledger.news(unit, kinds, lang, (span.after, span.until))
        if (days := span.days) is not None:
            signals = self._ledger.signals(unit, lang, days)
        return news, signals

    def _workbook(self, subscription: DigestSubscription, span: Span) -> bytes | None:
        """Return the differences as a workbook; None where the unit has no figures yet."""
        try:
            between = (span.after, span.until)
            return self._ledger.differences(subscription.unit, subscription.lang, between)
        except RequestRefused:
            return None


def _is_due(cursor: Cursor, subscription: DigestSubscription, today: date) -> bool:
    if cursor.sent_on is None:
        return True
    last = date.fromisoformat(cursor.sent_on)
    return today >= last + timedelta(days=_DAYS[subscription.every])
