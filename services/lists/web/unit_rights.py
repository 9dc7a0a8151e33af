"""The right to the lists of a unit, once sign-in is required: clerks enter, approvers see them."""

from starlette.requests import Request

from services.lists.uploads.upload import Upload
from shared.errors import LedgerError, Problem
from shared.vocabulary import OfficerRole
from shared.web.signin.gate import LIST_ROLES, NOT_ALLOWED, gate_of

CLERK = (OfficerRole.CLERK,)


def may_enter(request: Request, unit_id: str) -> bool:
    """Return whether the reader may enter lists of a unit."""
    gate = gate_of(request)
    return gate is None or gate.is_over(request, CLERK, unit_id)


def may_see(request: Request, unit_id: str) -> bool:
    """Return whether the reader may see the lists of a unit: clerks and approvers may."""
    gate = gate_of(request)
    return gate is None or gate.is_over(request, LIST_ROLES, unit_id)


def enters_lists(request: Request) -> bool:
    """Return whether the reader may enter lists of any unit."""
    gate = gate_of(request)
    if gate is None or not gate.is_required():
        return True
    session = gate.officers.session_of(request)
    return session is not None and gate.officers.may_anywhere(request, session, CLERK)


def require_entry(request: Request, unit_id: str) -> None:
    """Raise `not_allowed` if the reader may not send lists of a unit."""
    if not may_enter(request, unit_id):
        raise LedgerError(Problem(NOT_ALLOWED))


def of_own_units(request: Request, uploads: list[Upload]) -> list[Upload]:
    """Return those uploads whose lists the reader may see."""
    units = {upload.unit_id for upload in uploads}
    own = {unit_id for unit_id in units if may_see(request, unit_id)}
    return [upload for upload in uploads if upload.unit_id in own]
