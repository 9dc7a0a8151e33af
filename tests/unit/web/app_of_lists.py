"""A small application with one list, to show what every list has in common."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Language
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.server.application import new_app

ROWS = [{"number": number, "name": f"Xã {number}", "codes": [number]} for number in range(1, 6)]
TABLE = ListTable(("number", "name", "codes"), headings={"number": ("Số", "Number")})


def listing_app(
    rows: Sequence[dict[str, Any]] = ROWS,
    table: ListTable = TABLE,
    *,
    breaks_at: int | None = None,
    read_pages: list[Page] | None = None,
) -> FastAPI:
    """Return one list; reading it fails from a row on, and says which pages were read."""
    app = new_app(title="A list", title_vi="Danh sách", description="Five rows.", version="1")

    def read(part: Page) -> Listed:
        if read_pages is not None:
            read_pages.append(part)
        after = part.after("after", 0)
        if breaks_at is not None and after >= breaks_at:
            message = "the database went away"
            raise RuntimeError(message)
        found, last = cut(rows[after : after + part.limit + 1], part.limit)
        place = {"after": after + len(found)} if last else None
        return Listed(list(found), place)

    def name(language: Language) -> tuple[str, str]:
        return ("danh mục Đắk Lắk", "vị trí 7") if language == "vi" else ("the list", "position 7")

    @app.get("/rows")
    def listed(request: Request, page: PageParams) -> Response:
        return list_response(request, page, Answering(read, table, name))

    @app.get("/failing")
    def failing() -> Response:
        message = "a mistake of ours"
        raise RuntimeError(message)

    return app


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
