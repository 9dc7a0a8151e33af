"""The second person: a list of a unit that has approvers is sent by one who did not enter it."""

from typing import NamedTuple

from starlette.requests import Request

from services.lists.uploads.upload import Upload
from services.lists.web.unit_rights import may_enter
from shared.errors import BrokenContract, Problem, declare
from shared.vocabulary import OfficerRole
from shared.web.signin.gate import gate_of

APPROVAL_NEEDED = declare(
    "list_approval_needed",
    403,
    vi="Đơn vị này có cán bộ phê duyệt: danh sách do một cán bộ phê duyệt gửi vào sổ cái, và người "
    "ấy không phải là người đã nhập.",
    en="This unit has approvers: one of them sends the list to the ledger, and not an officer who "
    "entered it.",
)
CHECKED_AGAIN = declare(
    "list_checked_again",
    409,
    vi="Danh sách đã được kiểm tra lại sau khi anh/chị mở trang. Hãy xem lại rồi phê duyệt.",
    en="The list was checked again after you opened the page. Look at it again, then approve.",
)
_APPROVER = (OfficerRole.APPROVER,)


class Approval(NamedTuple):
    """The need for an approver of a list, and the right of the reader to send it."""

    is_needed: bool
    may_send: bool


def approval_of(request: Request, upload: Upload) -> Approval:
    """Return what a list needs before it is sent: an approver where its unit has any."""
    gate = gate_of(request)
    if gate is None or not gate.is_required():
        return Approval(is_needed=False, may_send=True)
    if not gate.officers.is_held(request, _APPROVER, upload.unit_id):
        return Approval(is_needed=False, may_send=may_enter(request, upload.unit_id))
    is_approver = gate.is_over(request, _APPROVER, upload.unit_id)
    entered = officer_of(request) in upload.entered_by
    return Approval(is_needed=True, may_send=is_approver and not entered)


def require_approval(request: Request, upload: Upload) -> bool:
    """Return whether the reader sends a list as its approver.

    Raises if the reader may not send it, or has seen what an earlier check said of it.
    """
    approval = approval_of(request, upload)
    if not approval.may_send:
        raise BrokenContract(Problem(APPROVAL_NEEDED))
    if approval.is_needed and request.query_params.get("seen") != str(upload.checks):
        raise BrokenContract(Problem(CHECKED_AGAIN))
    return approval.is_needed


def officer_of(request: Request) -> str | None:
    """Return the officer of a request, None while sign-in is not required."""
    gate = gate_of(request)
    if gate is None or not gate.is_required():
        return None
    session = gate.officers.session_of(request)
    return None if session is None else session.officer_ref


def entered(upload: Upload, officer_ref: str | None) -> tuple[str, ...]:
    """Return the officers who entered a list, with one more."""
    if officer_ref is None or officer_ref in upload.entered_by:
        return upload.entered_by
    return (*upload.entered_by, officer_ref)
