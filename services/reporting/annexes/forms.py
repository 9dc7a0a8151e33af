"""The forms of annexes, read from `forms.toml`: each is in force from one day to another."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.events.bilingual import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.web.files.office_table import FormStyle

NO_FORM = declare(
    "no_form_in_force",
    422,
    vi="Ngày {day} chưa có mẫu phụ lục theo thể thức {style}.",
    en="On {day} no form of an annex in the style {style} is in force.",
)
_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V"}


@dataclass(frozen=True)
class AnnexForm:
    """A form in force: the style of its document and the layout of its tables."""

    code: str
    legal_basis: str
    style: Mapping[str, Any]
    layout: Mapping[str, Any]

    @property
    def number(self) -> str:
        """Return the number of the annex in the numerals of the style."""
        number: int = self.layout["number"]
        return _ROMAN[number] if self.style["numerals"] == "roman" else str(number)


@cache
def forms_document() -> Mapping[str, Any]:
    """Return the data of all forms."""
    text = files(__package__).joinpath("forms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def form_in_force(annex: str, style: FormStyle, day: date) -> AnnexForm:
    """Return the form of an annex on a day; a day before the first one is 422."""
    document = forms_document()
    chosen_style = style_in_force(style, day)
    form = _in_force([f for f in document["forms"] if f["annex"] == annex], day)
    if form is None:
        raise _none_in_force(style, day)
    basis = f"{form['legal_basis']}; thể thức: {chosen_style['legal_basis']}"
    code = f"{form['code']}/{chosen_style['code']}"
    return AnnexForm(code, basis, chosen_style, document["layouts"][form["layout"]])


def style_in_force(style: FormStyle, day: date) -> Mapping[str, Any]:
    """Return the layout of documents in this style on a day."""
    found = _in_force([s for s in forms_document()["styles"] if s["style"] == style], day)
    if found is None:
        raise _none_in_force(style, day)
    return found


def _in_force(entries: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    return next(
        (
            each
            for each in entries
            if each["valid_from"] <= day and ("valid_to" not in each or day < each["valid_to"])
        ),
        None,
    )


def _none_in_force(style: FormStyle, day: date) -> BrokenContract:
    errors = (FieldError("/known_at", said("chưa có mẫu", "no form yet")),)
    return BrokenContract(Problem(NO_FORM, {"day": day.isoformat(), "style": str(style)}, errors))
