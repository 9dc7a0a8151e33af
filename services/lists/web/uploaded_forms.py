"""The form of an upload as it arrives, and the answers that pages share."""

from http import HTTPStatus
from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.requests import Request

from services.lists.uploads.list_form import MAX_FILE_BYTES, ListForm
from services.lists.uploads.upload import Upload

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def received(request: Request) -> tuple[ListForm, tuple[str, bytes]]:
    """Return what a form states, and the name and content of its file."""
    async with request.form(max_files=1, max_fields=20) as sent:
        file = sent.get("file")
        form = ListForm(
            kind=str(sent.get("kind", "")),
            unit=str(sent.get("unit", "")).strip(),
            year=str(sent.get("year", "")).strip(),
            list_day=str(sent.get("list_day", "")).strip(),
            first_year=bool(sent.get("first_year")),
        )
        if not isinstance(file, UploadFile):
            return form, ("", b"")
        return form, (file.filename or "", await file.read(MAX_FILE_BYTES + 1))


def see(request: Request, upload: Upload) -> Response:
    """Return the way to the page of an upload."""
    language = request.query_params.get("lang", "vi")
    address = f"/lists/uploads/{upload.upload_id}?{urlencode({'lang': language})}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def workbook(content: bytes, name: str) -> Response:
    """Return a workbook to be kept under a name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=_XLSX, headers=headers)
