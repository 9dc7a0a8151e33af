"""The right that each route needs once sign-in is required; a route without one is refused.

This is the only list of rights; a test compares it with the routes of every service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """Rights to a route."""

    PUBLIC = "public"
    """All readers: figures, units, taxonomies, the sign-in itself."""
    OFFICER = "officer"
    """Officers with a role in any unit."""
    SUBTREE = "subtree"
    """Officers with a role over the unit that is asked for, or over the country if none is."""
    CLERK = "clerk"
    """Officers who enter or approve lists; the desk also compares the unit of each list."""
    PUBLISHER = "publisher"
    """Publishers by their signature; `GET` of their own only, and of all for operators."""
    OVERSIGHT = "oversight"
    """Operators of the unit that is asked for, of the country if none is."""
    OPERATOR = "operator"
    """Operators of the country."""


@dataclass(frozen=True, slots=True)
class RouteRight:
    """The right to a route, and where a request says which unit or thing it asks for."""

    right: Right
    unit: str = "unit"
    """The parameter, of path or query, with a unit."""
    thing: tuple[str, str] | None = None
    """The parameter with an id, and the kind of its stream: its units are those of its events."""


_PUBLIC, _OFFICER, _SUBTREE = (
    RouteRight(each) for each in (Right.PUBLIC, Right.OFFICER, Right.SUBTREE)
)
_LIST = RouteRight(Right.SUBTREE, unit="unit_id")
_CLERK, _PUBLISHER, _OPERATOR = (
    RouteRight(each) for each in (Right.CLERK, Right.PUBLISHER, Right.OPERATOR)
)


def _of(parameter: str, kind: str) -> RouteRight:
    return RouteRight(Right.SUBTREE, thing=(parameter, kind))


RIGHTS: Final[Mapping[str, RouteRight]] = {
    # Every service.
    "GET /openapi.json": _PUBLIC,
    "GET /docs": _PUBLIC,
    "GET /healthz": _PUBLIC,
    "GET /readyz": _PUBLIC,
    "GET /metrics": _OPERATOR,
    # The services that accept events.
    "POST /events": _PUBLISHER,
    "GET /receipts": _PUBLISHER,
    "GET /parked": _PUBLISHER,
    "GET /refused": _PUBLISHER,
    "GET /quarantine": _OPERATOR,
    "POST /quarantine/requeue": _OPERATOR,
    "GET /origins": _PUBLISHER,
    "GET /origins/shared": _PUBLISHER,
    # Registry.
    "GET /events": _SUBTREE,
    "GET /units": _PUBLIC,
    "GET /taxonomies": _PUBLIC,
    "GET /organizations": _PUBLIC,
    "GET /models/{model_id}": _of("model_id", "model"),
    # Reporting: figures.
    "GET /summaries/national": _PUBLIC,
    "GET /summaries/units/{unit_id}": _PUBLIC,
    "GET /figures": _PUBLIC,
    "GET /reconciliation": _PUBLIC,
    "GET /completeness": _PUBLIC,
    "GET /annexes/narrative.{form}": _PUBLIC,
    "GET /annexes/{annex}.{form}": _PUBLIC,
    "GET /catalog.jsonld": _PUBLIC,
    # Reporting: things, and the events behind figures.
    "GET /registrations": _LIST,
    "GET /awards": _LIST,
    "GET /plans": _LIST,
    "GET /inspections": _LIST,
    "GET /proposals": _LIST,
    "GET /reviews": _LIST,
    "GET /replications": _LIST,
    "GET /commendations": _LIST,
    "GET /outcomes": _LIST,
    "GET /explain": _LIST,
    "GET /find": _SUBTREE,
    "GET /signals": _SUBTREE,
    "GET /signals/{code}": _SUBTREE,
    "GET /models/{model_id}/history": _of("model_id", "model"),
    "GET /organizations/{org_id}/result": _of("org_id", "organization"),
    "GET /feeds/{unit_id}.atom": _LIST,
    "GET /feeds/{unit_id}.json": _LIST,
    "GET /feeds/{unit_id}/signals.atom": _LIST,
    # Reporting: pages.
    "GET /": _PUBLIC,
    "GET /pages/table": _PUBLIC,
    "GET /pages/years": _PUBLIC,
    "GET /pages/units": _PUBLIC,
    "GET /pages/reconciliation": _PUBLIC,
    "GET /pages/annexes": _PUBLIC,
    "GET /pages/help": _PUBLIC,
    "GET /pages/integrity": _PUBLIC,
    "GET /pages/trust": _PUBLIC,
    "GET /trust": _PUBLIC,
    "GET /trust/publishers": _PUBLIC,
    "GET /trust/grants": _PUBLIC,
    "GET /trust/keys": _PUBLIC,
    "GET /trust/pending": _PUBLIC,
    "GET /trust/suspects": _OFFICER,
    "GET /checkpoint": _PUBLIC,
    "GET /tile/{path:path}": _PUBLIC,
    "GET /proof": _PUBLIC,
    "POST /witness/cosignatures": _PUBLIC,
    "GET /charts/{name}.{form}": _PUBLIC,
    "GET /dashboard.css": _PUBLIC,
    "POST /pages/my-unit": _PUBLIC,
    "GET /pages/exchange": _OFFICER,
    "GET /pages/provinces": _OFFICER,
    "GET /pages/forwarding": _OFFICER,
    "GET /pages/explanation": _SUBTREE,
    "GET /pages/changes": _SUBTREE,
    "GET /pages/find": _SUBTREE,
    "GET /pages/signals": _SUBTREE,
    "GET /pages/list": _SUBTREE,
    "GET /pages/results": _SUBTREE,
    "GET /pages/model": _of("model", "model"),
    "GET /pages/award": _of("award", "award"),
    "GET /pages/organization": _of("organization", "organization"),
    # Reporting: sign-in.
    "GET /sign-in": _PUBLIC,
    "POST /sign-in": _PUBLIC,
    "GET /sign-in/link": _PUBLIC,
    "POST /sign-in/link": _PUBLIC,
    "GET /sign-in/oidc": _PUBLIC,
    "GET /sign-in/oidc/back": _PUBLIC,
    "GET /signed-in": _PUBLIC,
    "GET /session": _PUBLIC,
    "GET /officers": RouteRight(Right.OVERSIGHT),
    "POST /sign-out": _PUBLIC,
    # The list desk; reporting leads to it.
    "GET /lists/": _CLERK,
    "GET /lists/persons": _OFFICER,
    "POST /lists/persons": _OFFICER,
    "GET /lists/style.css": _PUBLIC,
    "GET /lists/template.xlsx": _CLERK,
    "POST /lists/uploads": _CLERK,
    "GET /lists/uploads/{upload_id}": _CLERK,
    "POST /lists/uploads/{upload_id}/answers": _CLERK,
    "POST /lists/uploads/{upload_id}/send": _CLERK,
    "GET /lists/uploads/{upload_id}/annotated.xlsx": _CLERK,
}
