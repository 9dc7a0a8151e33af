"""A feed of signals: an entry for each day on which a signal of the unit began or ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from services.reporting.dashboard.page_parameters import SIGNALS_PAGE
from services.reporting.feeds.atom import AtomFeed, atom
from services.reporting.feeds.entries import FeedEntry
from services.reporting.feeds.signal_days import is_before_everything, signal_day
from shared.clock import end_of_day_in_vietnam, rfc3339
from shared.vocabulary.code_words import CODE_WORDS

if TYPE_CHECKING:
    from datetime import date

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.feeds.signal_days import SignalChange, SignalDay
    from services.reporting.queries.facade import Pin

SIGNALS = "signals"
"""The kind of these entries, beside the kinds of events."""
SHOWN_DAYS = 7


def signal_document(
    context: PageContext, pin: Pin, unit_id: str, last: date, root: str, *, first: bool
) -> bytes:
    """Return the feed of a week up to a day; `first` says that it is the newest page.

    It was last updated at the end of that day, as far as which signals were looked at.
    """
    words = context.words
    shown = 0 if is_before_everything(pin, last) else SHOWN_DAYS
    told = [signal_day(pin, unit_id, last - timedelta(n)) for n in range(shown)]
    older = last - timedelta(SHOWN_DAYS - 1)

    def here(before: date | None = None) -> str:
        stated = {"lang": words.language} if words.language != "vi" else {}
        query = urlencode(stated if before is None else {**stated, "before": before.isoformat()})
        return f"{root}/feeds/{unit_id}/signals.atom" + (f"?{query}" if query else "")

    feed = AtomFeed(
        feed_id=f"{unit_id}/{SIGNALS}",
        title=f"{words('title')} · {context.place()} · {words('page_signals')}",
        author=words("title"),
        language=words.language,
        updated=rfc3339(end_of_day_in_vietnam(last)),
        page=root + context.choice.address(SIGNALS_PAGE, year=None, known_at=None),
        here=here(None if first else last + timedelta(1)),
        first=here(),
        next=None if is_before_everything(pin, older - timedelta(1)) else here(older),
        kinds={SIGNALS: words("page_signals")},
    )
    return atom(feed, [_entry(context, unit_id, each) for each in told if each.is_told], root)


def _entry(context: PageContext, unit_id: str, told: SignalDay) -> FeedEntry:
    words, changes = context.words, told.changes
    began = sum(not each.before for each in changes)
    ended = sum(not each.after for each in changes)
    address = context.choice.address(
        SIGNALS_PAGE, year=changes[0].year, known_at=told.day.isoformat(), map=told.map.stated
    )
    return FeedEntry(
        told.as_of.position,
        f"{SIGNALS}/{unit_id}/{told.day.isoformat()}",
        SIGNALS,
        SIGNALS,
        rfc3339(end_of_day_in_vietnam(told.day)),
        words("signals_changed").format(day=words.day(told.day), began=began, ended=ended),
        [_line(context, each) for each in changes],
        address,
    )


def _line(context: PageContext, change: SignalChange) -> str:
    words = context.words
    kind = "began" if not change.before else "moved" if change.after else "ended"
    name = CODE_WORDS["signal"][change.code][0 if words.language == "vi" else 1]
    return words(f"signal_{kind}").format(
        name=name,
        year=change.year,
        before=words.number(change.before),
        after=words.number(change.after),
    )
