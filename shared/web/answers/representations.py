"""Which form of an answer a reader gets: chosen in one place, for its body, its name and `Vary`."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

from shared.errors import Language
from shared.web.answers.accept import MediaType, stated
from shared.web.answers.problems import parameter_error
from shared.web.server.language import language_of

CHOSEN_BY = "Accept, Accept-Language"
"""`Vary` of whatever `representation_of` chooses: on 304 as on 200 (RFC 9110, 15.4.5)."""


class Form(StrEnum):
    """The forms that a list has; the value is what `format=` says."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    DOCX = "docx"


OFFICE_TYPES = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_TYPES = {
    # The one wanted more is chosen, the first of two that are wanted equally.
    Form.JSON: MediaType("application/json", {"charset": "utf-8"}),
    Form.CSV: MediaType("text/csv", {"charset": "utf-8", "header": "present"}),
    **{form: MediaType(name, {}) for form, name in OFFICE_TYPES.items()},
}


@dataclass(frozen=True, slots=True)
class Representation:
    """What a reader gets: the form, and the language that its words are in where it has any.

    `worded`: the language was stated, so a person reads it. `whole`: everything, not a page.
    """

    form: Form
    language: Language | None = None
    worded: bool = False
    whole: bool = False


def representation_of(request: Request) -> Representation:
    """Return what is chosen, by `format=` or else by `Accept` (RFC 9110, 12.5.1).

    JSON has no words; a reader who accepts nothing that we have gets JSON too. Workbooks and
    documents are for people and always whole.
    """
    stated_form = _stated_form(request)
    form = stated_form or _accepted_form(request)
    parameters = request.query_params
    # JSON that nobody asked for by name is for programs, which go from page to page.
    file = form is not Form.JSON or stated_form is not None
    paged = sorted({"limit", "cursor"} & set(parameters))
    if paged and form in OFFICE_TYPES:
        raise parameter_error(
            paged[0],
            vi="xlsx và docx luôn chứa toàn bộ danh sách",
            en="xlsx and docx always hold the whole list",
        )
    return Representation(
        form,
        reader_of(request) if form is not Form.JSON else None,
        worded="lang" in parameters or form in OFFICE_TYPES,
        whole=file and not paged,
    )


def reader_of(request: Request) -> Language:
    """Return the language of the reader of a list: `lang`, else by `Accept-Language`."""
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
            "format", vi="phải là json, csv, xlsx hoặc docx", en="must be json, csv, xlsx or docx"
        ) from None


def _accepted_form(request: Request) -> Form:
    accepted = stated(request, "accept")
    return max(_TYPES, key=lambda form: _TYPES[form].weight(accepted))
