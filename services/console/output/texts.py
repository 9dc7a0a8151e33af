"""The texts of the commands: sentences in both languages, the reader's first; words, numbers."""

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from rich.console import Console
from rich.markup import escape

from services.reporting.dashboard.texts.formatting import PageTexts
from shared.errors import Language

Say = Callable[[str, str], None]
"""Prints one sentence, given in Vietnamese and in English."""
CHOSEN: ContextVar[Language | None] = ContextVar("CHOSEN", default=None)
"""The language chosen with --language; else that of the terminal."""

OUTCOMES = {
    "agrees": ("khớp với sổ", "agree with the ledger"),
    "differs": ("khác với sổ", "differ from the ledger"),
    "unknown_metric": ("chưa đối chiếu được: chỉ số không có trong sổ", "metric not in the ledger"),
    "unknown_dimension": ("chưa đối chiếu được: không chia theo chiều này", "no such breakdown"),
    "stock": ("chưa đối chiếu được: số tại một thời điểm", "a stock, never summed over time"),
    "unstated_period": ("chưa đối chiếu được: không nêu rõ thời kỳ", "the period is not stated"),
    "no_events": ("chưa đối chiếu được: sổ chưa có gì", "nothing of that unit and period"),
}
"""The results of reconciling a figure with the ledger."""


def language(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language of the reader; English only where it is requested.

    Unless one is chosen it is that of the terminal, by the rule of POSIX: the first of LC_ALL,
    LC_MESSAGES and LANG that is set decides; `C` means no language.
    """
    stated = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    of_terminal = next(filter(None, stated), "").lower()
    return CHOSEN.get() or ("en" if of_terminal.startswith("en") else "vi")


def both(vietnamese: str, english: str) -> str:
    """Return a sentence in both languages, the reader's first."""
    return " · ".join((vietnamese, english) if language() == "vi" else (english, vietnamese))


class Terminal(Console):
    """A console in the language of its reader.

    Sentences are printed in both languages, the reader's first. A table has room for one: its
    heads, words and numbers are in the reader's.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  Rich's own
        super().__init__(**options)
        self.words = PageTexts(language())
        self.number = self.words.number

    def pick(self, vietnamese: str, english: str) -> str:
        """Return the text in the reader's language."""
        return vietnamese if self.words.language == "vi" else english


def said_on(console: Terminal) -> Say:
    """Return a function that prints sentences on a console, as text, never as markup."""

    def say(vietnamese: str, english: str) -> None:
        first = console.pick(vietnamese, english)
        other = console.pick(english, vietnamese)
        # The terminal wraps the line, so that it can be copied and searched as one.
        console.print(f"{escape(first)} [dim]· {escape(other)}[/dim]", soft_wrap=True)

    return say


def number(value: float, digits: int = 0) -> str:
    """Return a number as Vietnamese writes it: 2.059, and 1,5 with one digit."""
    return number_en(value, digits).translate(str.maketrans(",.", ".,"))


def number_en(value: float, digits: int = 0) -> str:
    """Return a number as English writes it: 2,059, and 1.5 with one digit."""
    return f"{value:,.{digits}f}"
