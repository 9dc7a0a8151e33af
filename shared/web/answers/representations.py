"""The representation of a response, chosen in one place for body, file name and `Vary`."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

from shared.errors import Language
from shared.web.answers.accept import MediaType, language_of, stated
from shared.web.answers.problems import parameter_error

CHOSEN_BY = "Accept, Accept-Language"
"""`Vary` of responses by `representation_of`, on 304 as on 200 (RFC 9110, 15.4.5)."""


class Form(StrEnum):
    """The formats of a list; the value is that of `format=`."""

    JSON = "json"
    CSV = "csv"


_TYPES = {
    # In order of preference for equal weights.
    Form.JSON: MediaType("application/json", {"charset": "utf-8"}),
    Form.CSV: MediaType("text/csv", {"charset": "utf-8", "header": "present"}),
}


@dataclass(frozen=True, slots=True)
class Representation:
    """The chosen form, and the language of its texts if it has any.

    `worded`: the language was given, so it is for people. `whole`: the whole list, not a page.
    """

    form: Form
    language: Language | None = None
    worded: bool = False
    whole: bool = False


def representation_of(request: Request) -> Representation:
    """Return the representation by `format=`, else by `Accept` (RFC 9110, 12.5.1).

    JSON has no language; clients that accept none of our formats also get JSON.
    """
    stated_form = _stated_form(request)
    form = stated_form or _accepted_form(request)
    parameters = request.query_params
    # Without an explicit `format`, JSON is for programs, which read page by page.
    file = form is Form.CSV or stated_form is not None
    return Representation(
        form,
        reader_of(request) if form is Form.CSV else None,
        worded="lang" in parameters,
        whole=file and "limit" not in parameters and "cursor" not in parameters,
    )


def reader_of(request: Request) -> Language:
    """Return the language of a list: `lang`, else by `Accept-Language`."""
    match request.query_params.get("lang"):
        case None:
            return language_of(request)
        case "vi":
            return "vi"
        case "en":
            return "en"
        case _:
            raise parameter_error("lang", vi="phải là vi hoặc en", en="must be vi or en")


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
