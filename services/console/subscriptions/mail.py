"""E-mails by the standard library: the message of a digest, and the mail server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

from services.console.local.data_directory import CannotStart
from services.console.subscriptions.news import News
from shared.client.addresses import is_loopback

if TYPE_CHECKING:
    from services.console.subscriptions.files import DigestSubscription

_SECONDS = 30
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True)
class MailServer:
    """A mail server; without TLS only on this machine."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    implicit_tls: bool
    starttls: bool

    @classmethod
    def of(cls, url: str | None) -> Self:
        """Return the server of `DVK_SMTP_URL`; raises `CannotStart`."""
        parts = urlsplit(url or "")
        starttls = parse_qs(parts.query).get("starttls", ["yes"])[0] != "no"
        host = parts.hostname or ""
        plain = parts.scheme == "smtp" and not starttls
        if parts.scheme not in {"smtp", "smtps"} or not host or (plain and not is_loopback(host)):
            raise CannotStart(
                "DVK_SMTP_URL phải có dạng smtps://người_dùng:mật_khẩu@máy:465 hoặc "
                "smtp://máy:587; không mã hóa chỉ dùng được trên chính máy này.",
                "DVK_SMTP_URL must look like smtps://user:password@host:465 or smtp://host:587; "
                "without encryption only this machine is possible.",
            )
        implicit = parts.scheme == "smtps"
        return cls(
            host,
            parts.port or (465 if implicit else 587),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password or ""),
            implicit,
            starttls and not implicit,
        )

    def send(self, message: EmailMessage) -> None:
        """Send a message; raises OSError (`SMTPException` is one)."""
        tls = ssl.create_default_context() if self.implicit_tls or self.starttls else None
        with (
            smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=tls)
            if self.implicit_tls
            else smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        ) as server:
            if self.starttls:
                server.starttls(context=tls)
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(message)


class Span(NamedTuple):
    """A digest's part of the ledger: positions, and days of signals, each after one up to another.

    Days are as texts, `judged_until` None where signals are not asked for.
    """

    after: int
    until: int
    judged_after: str | None = None
    judged_until: str | None = None

    @property
    def days(self) -> tuple[date, date] | None:
        """Return the days of signals, None for none."""
        if not self.judged_after or not self.judged_until or self.judged_until <= self.judged_after:
            return None
        return date.fromisoformat(self.judged_after), date.fromisoformat(self.judged_until)


def digest_message(
    subscription: DigestSubscription,
    sender: str,
    found: tuple[News, News],
    span: Span,
    workbook: bytes | None,
) -> EmailMessage:
    """Return the message of a digest, of events and of signals.

    Its id depends on subscription, positions and days only.
    """
    news, signals = found
    vi = subscription.lang == "vi"
    count = f"{len(news.items)}{'+' if news.more else ''}"
    positions = f"{span.after + 1}–{span.until}"
    head = (
        f"{news.title}: {count} việc mới (vị trí {positions} trong sổ)"
        if vi
        else f"{news.title}: {count} new entries (positions {positions} of the ledger)"
    )
    if not news.items:
        head = f"{signals.title}: {'có thay đổi' if vi else 'something changed'}"
    elif signals.items:
        head += "; việc cần làm có thay đổi" if vi else "; what needs action changed"
    more = "Còn nữa: xem trang." if vi else "There are more: see the page."
    page = news.page if news.items else signals.page
    news = News(news.title, page, [*signals.items, *news.items], news.more)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = subscription.address
    message["Subject"] = " ".join(head.split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id(subscription, sender, span)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(head, news, more), cte="base64")
    message.add_alternative(_html(head, news, more, subscription.lang), "html", cte="base64")
    if workbook is not None:
        name = "thay-doi-so-lieu" if vi else "changes"
        file = f"{name}-{span.after + 1}-{span.until}.xlsx"
        message.add_attachment(workbook, *_XLSX, filename=file)
    return message


def message_id(subscription: DigestSubscription, sender: str, span: Span) -> str:
    """Return the Message-ID: the same whenever the same digest is sent again."""
    told = "\0".join([subscription.name, subscription.address, *map(str, span)])
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{sha256(told.encode()).hexdigest()[:32]}@{domain}>"


def _text(head: str, news: News, more: str) -> str:
    lines = [head, news.page, ""]
    for item in news.items:
        lines += [f"[{item.kind}] {item.title}", *(f"  {each}" for each in item.lines)]
        lines += [f"  {item.address}", ""]
    return "\n".join([*lines, *([more, ""] if news.more else [])])


def _html(head: str, news: News, more: str, language: str) -> str:
    items = "".join(
        f'<li><a href="{escape(item.address)}">{escape(item.title)}</a> '
        f"<small>({escape(item.kind)})</small>"
        + "".join(f"<br>{escape(each)}" for each in item.lines)
        + "</li>"
        for item in news.items
    )
    rest = f"<p>{escape(more)}</p>" if news.more else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(head)}</title></head><body>"
        f'<h1><a href="{escape(news.page)}">{escape(head)}</a></h1><ul>{items}</ul>{rest}'
        "</body></html>"
    )
