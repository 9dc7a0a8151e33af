"""The texts of the pages in Vietnamese and English, and number formats of both languages."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from services.reporting.dashboard.provinces.texts import WORDS_OF_PROVINCES
from services.reporting.dashboard.texts.annexes import WORDS_OF_ANNEXES
from services.reporting.dashboard.texts.comparing import WORDS_OF_COMPARING
from services.reporting.dashboard.texts.counting import WORDS_OF_COUNTING
from services.reporting.dashboard.texts.feeds import WORDS_OF_FEEDS
from services.reporting.dashboard.texts.finding import WORDS_OF_FINDING
from services.reporting.dashboard.texts.help import WORDS_OF_HELP
from services.reporting.dashboard.texts.integrity import WORDS_OF_INTEGRITY
from services.reporting.dashboard.texts.lists import WORDS_OF_LISTS
from services.reporting.dashboard.texts.pages import WORDS_OF_PAGES
from services.reporting.dashboard.texts.problems import WORDS_OF_PROBLEMS
from services.reporting.dashboard.texts.reasons import WORDS_OF_REASONS
from services.reporting.dashboard.texts.signals import WORDS_OF_SIGNALS
from services.reporting.dashboard.texts.trust import WORDS_OF_TRUST
from services.reporting.dashboard.texts.years import WORDS_OF_YEARS
from shared.clock import HANOI
from shared.errors import Language
from shared.events.bilingual import half_of
from shared.vocabulary.code_words import PAGE_WORDS
from shared.vocabulary.event_words import FIGURE_WORDS, WORDS_OF_EVENTS, WORDS_OF_SUBJECTS

_CODE = re.compile(r"(?=.*[a-z])[a-z0-9._+-]+")
"""The pattern of codes, which differ from prose: `bk_city.1`, `smiles`."""

_WORDS: Mapping[str, tuple[str, str]] = {
    **PAGE_WORDS,
    **WORDS_OF_YEARS,
    **WORDS_OF_ANNEXES,
    **WORDS_OF_HELP,
    **WORDS_OF_INTEGRITY,
    **WORDS_OF_FINDING,
    **WORDS_OF_COMPARING,
    **WORDS_OF_SIGNALS,
    **WORDS_OF_TRUST,
    **WORDS_OF_PROVINCES,
    **WORDS_OF_PAGES,
    **WORDS_OF_COUNTING,
    **WORDS_OF_LISTS,
    **WORDS_OF_REASONS,
    **FIGURE_WORDS,
    **WORDS_OF_SUBJECTS,
    **WORDS_OF_PROBLEMS,
    **WORDS_OF_FEEDS,
}


class PageTexts:
    """The texts of one language; a code without a text is returned unchanged."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._column = 0 if language == "vi" else 1

    def __call__(self, code: str | None) -> str:
        """Return the text for a code."""
        words = _WORDS.get("null" if code is None else code)
        return str(code) if words is None else words[self._column]

    def known(self, code: str) -> bool:
        """Say whether the code has a text."""
        return code in _WORDS

    def code(self, stated: str) -> str:
        """Return a publisher's term in words: a known text, free text, or a code marked as one."""
        if self.known(stated):
            return self(stated)
        return self("sender_code").format(code=stated) if _CODE.fullmatch(stated) else stated

    def event(self, type_: str) -> str:
        """Return the words for a CloudEvents type."""
        name = type_.split(".")[1] if type_.count(".") > 1 else type_
        words = WORDS_OF_EVENTS.get(name)
        return name if words is None else words[self._column]

    def one_of(self, both: str) -> str:
        """Return the half of a bilingual text in the reader's language."""
        return half_of(both, self.language)

    def signed(self, value: float) -> str:
        """Return a difference with its sign: +3, −2, 0."""
        if not value:
            return "0"
        return ("+" if value > 0 else "\N{MINUS SIGN}") + self.number(abs(value))

    def signed_percent(self, percent: Decimal) -> str:
        """Return a change in per cent with its sign and one decimal: +6,4%, −0,1%, 0,0%."""
        sign = "+" if percent > 0 else "\N{MINUS SIGN}" if percent < 0 else ""
        text = f"{sign}{abs(percent)}%"
        return text if self.language == "en" else text.replace(".", ",")

    def share(self, part: int, whole: int) -> str:
        """Return 83,8% with one decimal; a dash where the whole is 0."""
        if not whole:
            return "—"
        percent = (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{percent}%" if self.language == "en" else f"{percent}%".replace(".", ",")

    def number(self, value: float | Decimal | None) -> str:
        """Return 2.059 and 2,5 in Vietnamese, 2,059 and 2.5 in English, a dash for none."""
        if value is None:
            return "—"
        text = f"{value:,}" if isinstance(value, int) else f"{Decimal(str(value)).normalize():,f}"
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def day(self, day: date | str | None) -> str:
        """Return 31/12/2022 in Vietnamese, 2022-12-31 in English."""
        if day is None:
            return "—"
        stated = date.fromisoformat(day) if isinstance(day, str) else day
        return stated.strftime("%d/%m/%Y") if self.language == "vi" else stated.isoformat()

    def day_and_month(self, day: date) -> str:
        """Return 29/11 in Vietnamese, 29 Nov in English."""
        return day.strftime("%d/%m" if self.language == "vi" else "%d %b")

    def period(self, first: str | None, last: str | None) -> str:
        """Return 2022, 2018–2020, or the days of a period that is not of whole years."""
        if first and last and first.endswith("-01-01") and last.endswith("-12-31"):
            return "–".join(dict.fromkeys((first[:4], last[:4])))
        days = [self.day(each) for each in (first, last) if each]
        return " – ".join(days) or self("unstated_time")

    def moment(self, time: str | None) -> str:
        """Return a time of the log in the time zone of Viet Nam."""
        if time is None:
            return "—"
        try:
            there = datetime.fromisoformat(time).astimezone(HANOI)
        except OverflowError:  # the last hours of the year 9999 have no later time zone
            return time
        form = "%H:%M:%S ngày %d/%m/%Y" if self.language == "vi" else "%Y-%m-%d %H:%M:%S (UTC+7)"
        return there.strftime(form)
