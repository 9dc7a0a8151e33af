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
    XLSX = "xlsx"
    DOCX = "docx"


OFFICE_TYPES = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_TYPES = {
    # In order of preference for equal weights.
    Form.JSON: MediaType("application/json", {"charset": "utf-8"}),
    Form.CSV: MediaType("text/csv", {"charset": "utf-8", "header": "present"}),
    **{form: MediaType(name, {}) for form, name in OFFICE_TYPES.items()},
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

    JSON has no language; clients that accept none of our formats also get JSON. Workbooks and
    documents are for people, and always whole.
    """
    stated_form = _stated_form(request)
    form = stated_form or _accepted_form(request)
    parameters = request.query_params
    # Without an explicit `format`, JSON is for programs, which read page by page.
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
            "format", vi="phải là json, csv, xlsx hoặc docx", en="must be json, csv, xlsx or docx"
        ) from None


def _accepted_form(request: Request) -> Form:
    accepted = stated(request, "accept")
    return max(_TYPES, key=lambda form: _TYPES[form].weight(accepted))
