"""Which form of an answer a reader gets: chosen in one place, for its body, its name and `Vary`."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

from shared.errors import Language
from shared.web.accept import MediaType, stated
from shared.web.language import language_of
from shared.web.problems import parameter_error

CHOSEN_BY = "Accept, Accept-Language"
"""`Vary` of whatever `representation_of` chooses: on 304 as on 200 (RFC 9110, 15.4.5)."""


class Form(StrEnum):
    """The forms that a list has; the value is what `format=` says."""

    JSON = "json"
    CSV = "csv"


_TYPES = {
    # The one wanted more is chosen, the first of two that are wanted equally.
    Form.JSON: MediaType("application/json", {"charset": "utf-8"}),
    Form.CSV: MediaType("text/csv", {"charset": "utf-8", "header": "present"}),
}


@dataclass(frozen=True, slots=True)
class Representation:
    """What a reader gets: the form, and the language that its words are in where it has any."""

    form: Form
    language: Language | None = None


def representation_of(request: Request) -> Representation:
    """Return what is chosen, by `format=` or else by `Accept` (RFC 9110, 12.5.1).

    JSON has no words; a reader who accepts nothing that we have gets JSON too.
    """
    form = _stated_form(request) or _accepted_form(request)
    return Representation(form, language_of(request) if form is Form.CSV else None)


def _stated_form(request: Request) -> Form | None:
    form = request.query_params.get("format")
    if form is None:
        return None
    try:
        return Form(form)
    except ValueError:
        raise parameter_error(
            "format", vi="phải là json hoặc csv", en="must be json or csv"
        ) from None


def _accepted_form(request: Request) -> Form:
    accepted = stated(request, "accept")
    return max(_TYPES, key=lambda form: _TYPES[form].weight(accepted))
