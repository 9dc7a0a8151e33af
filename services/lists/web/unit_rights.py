"""The right to the lists of a unit: once sign-in is required, clerks of the unit have it."""

from starlette.requests import Request

from services.lists.uploads.upload import Upload
from shared.errors import LedgerError, Problem
from shared.vocabulary import OfficerRole
from shared.web.signin.gate import NOT_ALLOWED, gate_of


def may_enter(request: Request, unit_id: str) -> bool:
    """Return whether the reader may see and send the lists of a unit."""
    gate = gate_of(request)
    return gate is None or gate.is_over(request, (OfficerRole.CLERK,), unit_id)


def require_entry(request: Request, unit_id: str) -> None:
    """Raise `not_allowed` if the reader may not send lists of a unit."""
    if not may_enter(request, unit_id):
        raise LedgerError(Problem(NOT_ALLOWED))


def of_own_units(request: Request, uploads: list[Upload]) -> list[Upload]:
    """Return those uploads whose units the reader may enter."""
    units = {upload.unit_id for upload in uploads}
    own = {unit_id for unit_id in units if may_enter(request, unit_id)}
    return [upload for upload in uploads if upload.unit_id in own]
