"""Field errors are one text for every reader: short, in Vietnamese and in English."""

from shared.errors import Language

_BETWEEN = " · "


def said(vietnamese: str, english: str) -> str:
    """Return the two as one text."""
    return f"{vietnamese}{_BETWEEN}{english}"


def half_of(both: str, language: Language) -> str:
    """Return the reader's half of such a text; what is no such text stays as it is."""
    halves = both.split(_BETWEEN)
    return both if len(halves) != len(("vi", "en")) else halves[language == "en"]
