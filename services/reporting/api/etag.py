"""ETags of answers; a client that already has the answer gets 304."""

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
    """Return 304 if the client has the answer already (`If-None-Match`), else call `answer`.

    Both carry the headers that `answer` receives: `ETag` and `Vary`.
    """
    form = representation_of(request)
    tag = _tag(request, form, as_of, chosen)
    headers = {"ETag": tag, "Vary": CHOSEN_BY}
    known = stated(request, "if-none-match")
    # Weak comparison (RFC 9110, 8.8.3.2): it makes no difference whether a tag is weak.
    if tag in _TAG.findall(known):
        return Response(status_code=304, headers=headers)
    made = answer(headers)
    # `*` matches any answer there is; an error raised above is none (13.2.1).
    return Response(status_code=304, headers=headers) if known.strip() == "*" else made


def _tag(request: Request, form: Representation, as_of: AsOf, chosen: MapChoice | None) -> str:
    """Return the tag of an answer, from everything on which the answer depends.

    That is the position, the query, the resolved day of the map and the form; also the generation
    of the read models and the release, since a rebuild or another release may answer differently.
    """
    parts = (
        VERSION,
        request.url.path,
        sorted(request.query_params.multi_items()),
        (form.form.value, form.language),
        as_of.position,
        chosen and chosen.day and chosen.day.isoformat(),
        as_of.edition,
    )
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'
