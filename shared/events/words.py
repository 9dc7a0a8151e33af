"""Field errors are one text for every reader: short, in Vietnamese and in English."""


def said(vietnamese: str, english: str) -> str:
    """Return the two as one text."""
    return f"{vietnamese} · {english}"
