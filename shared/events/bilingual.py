"""Bilingual field errors: one short text in Vietnamese and English."""

from shared.errors import Language

_BETWEEN = " · "


def said(vietnamese: str, english: str) -> str:
    """Return both languages as one text."""
    return f"{vietnamese}{_BETWEEN}{english}"


def half_of(both: str, language: Language) -> str:
    """Return the reader's language of a bilingual text; return other texts unchanged."""
    halves = both.split(_BETWEEN)
    return both if len(halves) != len(("vi", "en")) else halves[language == "en"]
