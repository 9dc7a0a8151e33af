"""Numbers as offices write them: a dot or a space parts thousands, a comma parts decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal

_LONGEST = 200
_SIGNIFICANT = 15
"""Excel keeps so many digits; what a binary number shows beyond them was never typed."""
_SIGN = r"(?P<sign>[-−–+]?)\s*"
_DIGITS = r"(?P<digits>\d[\d., \u00a0\u202f]*\d|\d)"
_UNIT = r"\s*(?P<unit>(?:[^\W\d_]|[%‰°(]).*)?"
_SECOND_NUMBER = re.compile(r"(?<!\S)\d|;")
_BETWEEN = re.compile(r"\s*[;\n]\s*")
_WRITTEN = re.compile(_SIGN + _DIGITS + _UNIT)
_NEGATIVE = re.compile(r"\((?P<digits>[^()]+)\)")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_DOTS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_DOTS_AND_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")
_COMMAS = re.compile(r"\d{1,3}(?:,\d{3}){2,}")
_COMMAS_AND_DOT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+")
_ONE_MARK = re.compile(r"(?P<whole>\d+)(?P<mark>[.,])(?P<part>\d+)")
_GROUPS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?|[\d.,]+")
_DASH = re.compile(r"[-−–—]+")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, and the unit written behind it ('' for none; '%' for a percentage)."""

    number: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class NoNumber:
    """A text that is not taken for a number, and the numbers that it may mean, as written."""

    choices: tuple[str, ...] = ()


def amount_of_text(text: str) -> Amount | NoNumber | None:
    """Return the number that a text says; None for a dash, which says that there is none."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        return NoNumber()
    if _DASH.fullmatch(stripped):
        return None
    if negative := _NEGATIVE.fullmatch(stripped):
        stripped = f"-{negative['digits'].strip()}"
    found = _WRITTEN.fullmatch(stripped)
    if not found or not _GROUPS.fullmatch(found["digits"]):
        return NoNumber()
    number = _number(_SPACES.sub("", found["digits"]))
    unit = " ".join((found["unit"] or "").split())
    if _SECOND_NUMBER.search(unit):
        return NoNumber()
    if isinstance(number, Decimal):
        return Amount(-number if found["sign"] not in ("", "+") else number, unit)
    sign = "-" if found["sign"] not in ("", "+") else ""
    return NoNumber(tuple(f"{sign}{each} {unit}".strip() for each in number))


def has_several(text: str) -> bool:
    """Say whether a text has several numbers, parted by semicolons or lines."""
    return len([part for part in _BETWEEN.split(text) if part.strip()]) > 1


def amounts_of_text(text: str) -> tuple[Amount, ...] | NoNumber:
    """Return the numbers of a text that has several (1.250 m2; 320 ngày công).

    One that can be read in two ways has no choices here: it is to be written clearly.
    """
    found = [amount_of_text(part) for part in _BETWEEN.split(text) if part.strip()]
    amounts = tuple(each for each in found if isinstance(each, Amount))
    return amounts if len(amounts) == sum(each is not None for each in found) else NoNumber()


def amount_of_number(number: float, *, is_percent: bool = False) -> Amount:
    """Return the number of a cell, without the noise of its binary form."""
    exact = Decimal(f"{number:.{_SIGNIFICANT}g}") if isinstance(number, float) else Decimal(number)
    return Amount(exact * 100, "%") if is_percent else Amount(exact)


def _number(digits: str) -> Decimal | tuple[str, ...]:
    """Return the number, or the ways in which it can be read (none: it cannot)."""
    if digits.isdecimal():
        return Decimal(digits)
    if _DOTS.fullmatch(digits) or _DOTS_AND_COMMA.fullmatch(digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    if _COMMAS.fullmatch(digits) or _COMMAS_AND_DOT.fullmatch(digits):
        return Decimal(digits.replace(",", ""))
    if found := _ONE_MARK.fullmatch(digits):
        return _of_one_mark(found["whole"], found["mark"], found["part"])
    return ()


def _of_one_mark(whole: str, mark: str, part: str) -> Decimal | tuple[str, ...]:
    """Read 1,25 and 0.5; ask about 1.25 (a dot parts thousands) and 1,250 (English thousands)."""
    decimal = Decimal(f"{whole}.{part}")
    if whole.strip("0") == "":
        return decimal
    if mark == ",":
        if len(part) != 3 or len(whole) > 3:
            return decimal
        return (f"{whole}{part}", f"{whole},{part.rstrip('0') or '0'}")
    thousands = f"{whole}{part.ljust(3, '0')}" if len(part) < 3 else f"{whole}{part}"
    return (f"{whole},{part}", thousands)
