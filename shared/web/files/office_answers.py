"""A workbook or document as an HTTP answer: made in a temporary file, then sent in pieces.

Routes with such answers are plain functions, so that a file is made in a thread of the pool, and
other requests are answered meanwhile.
"""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from shared.web.answers.representations import OFFICE_TYPES, Form
from shared.web.files.word_document import write_document
from shared.web.files.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from shared.web.files.office_table import OfficeFile

_PIECE = 1 << 16


def office_response(
    office: OfficeFile, form: Form, headers: Mapping[str, str], *, head_only: bool = False
) -> Response:
    """Return a file of this form; errors are raised before anything is sent."""
    if head_only:
        return Response(media_type=OFFICE_TYPES[form], headers=dict(headers))
    file = TemporaryFile(prefix="dvk-")  # noqa: SIM115  closed by the pieces
    try:
        write = write_workbook if form is Form.XLSX else write_document
        write(file, office)
        length = file.seek(0, 2)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    stated = {**headers, "Content-Length": str(length)}
    return StreamingResponse(_pieces(file), media_type=OFFICE_TYPES[form], headers=stated)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
