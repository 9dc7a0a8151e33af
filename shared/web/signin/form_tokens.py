"""The token of forms: a form of a reader with a session must come from a page of that session."""

import hmac

from starlette.requests import Request

from shared.errors import BrokenContract, Problem, declare
from shared.web.signin.cookie import SessionCookie

FORM_TOKEN = "form_token"  # noqa: S105  the name of a field
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOST_FIELDS = 200

FORM_EXPIRED = declare(
    "form_expired",
    403,
    vi="Biểu mẫu này thuộc phiên làm việc đã kết thúc. Hãy tải lại trang rồi gửi lại.",
    en="This form belongs to a session that has ended. Reload the page and send it again.",
)


async def require_form_token(request: Request) -> None:
    """Refuse a form without the token of the reader's session; its handler can still read it."""
    wanted = SessionCookie.of(request).form_token(request)
    if wanted is None or not request.headers.get("content-type", "").startswith(_FORMS):
        return
    form = await request.form(max_files=1, max_fields=_MOST_FIELDS)
    if not hmac.compare_digest(str(form.get(FORM_TOKEN, "")).encode(), wanted.encode()):
        await form.close()
        raise BrokenContract(Problem(FORM_EXPIRED))
