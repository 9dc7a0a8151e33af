"""An answer has a name (ETag); who has it already is told that nothing has changed (304)."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from services.reporting.queries.as_of import AsOf
from shared.web.answers.accept import stated
from shared.web.answers.as_of_parameters import MapChoice
from shared.web.answers.representations import CHOSEN_BY, Representation, representation_of
from shared.web.server.application import VERSION

UNCHANGED = {"description": "nothing has changed since (`If-None-Match`)"}
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def unless_known(
    request: Request,
    as_of: AsOf,
    chosen: MapChoice | None,
    answer: Callable[[Mapping[str, str]], Response],
) -> Response:
    """Return 304 to who has the answer already (`If-None-Match`), else what `answer` makes.

    Both carry the headers that `answer` is given: the name, and `Vary`.
    """
    form = representation_of(request)
    tag = _tag(request, form, as_of, chosen)
    headers = {"ETag": tag, "Vary": CHOSEN_BY}
    known = stated(request, "if-none-match")
    # Compared weakly (RFC 9110, 8.8.3.2): whether a tag is called weak makes no difference.
    if tag in _TAG.findall(known):
        return Response(status_code=304, headers=headers)
    made = answer(headers)
    # `*` is any answer there is, but only an answer: what raised above is none (13.2.1).
    return Response(status_code=304, headers=headers) if known.strip() == "*" else made


def _tag(request: Request, form: Representation, as_of: AsOf, chosen: MapChoice | None) -> str:
    """Return the name of an answer: whatever can make it another one is in it.

    The position, the query, the resolved day of the map, the form; the fill of the read models
    and the release, for a rebuild and another release may answer the same otherwise.
    """
    asked = (
        VERSION,
        request.url.path,
        sorted(request.query_params.multi_items()),
        (form.form.value, form.language),
        as_of.position,
        chosen and chosen.day and chosen.day.isoformat(),
        as_of.edition,
    )
    return f'"{sha256(repr(asked).encode()).hexdigest()[:32]}"'
