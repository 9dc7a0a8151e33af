"""An answer has a name (ETag); who has it already is told that nothing has changed (304)."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from shared.web.moments import MapChoice

UNCHANGED = {"description": "nothing has changed since (`If-None-Match`)"}


def etag_of(request: Request, position: int, chosen: MapChoice | None, edition: str = "") -> str:
    """Return the name of an answer: of its position, query and resolved day of the map.

    `edition`: of the fill of the read models too, for a rebuild may bring other figures.
    """
    day = chosen.day if chosen else None
    asked = (
        request.url.path,
        sorted(request.query_params.multi_items()),
        request.headers.get("accept", "").partition(",")[0],
        position,
        day.isoformat() if day else "",
        *([edition] if edition else ()),
    )
    return f'"{sha256(repr(asked).encode()).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Say whether the reader has this answer already (`If-None-Match`)."""
    stated = request.headers.get("if-none-match", "")
    known = {each.strip().removeprefix("W/") for each in stated.split(",")}
    return tag in known or "*" in known


def unchanged(tag: str) -> Response:
    """Return the answer to who has it already."""
    return Response(status_code=304, headers={"ETag": tag})
