"""A small application with one list, to show what every list has in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from shared.web.lists import PageParams, cut, list_response
from shared.web.server import new_app

ROWS = [{"number": number, "name": f"Xã {number}", "codes": [number]} for number in range(1, 6)]


def listing_app() -> FastAPI:
    app = new_app(title="A list", title_vi="Danh sách", description="Five rows.", version="1")

    @app.get("/rows")
    def rows(request: Request, page: PageParams) -> Response:
        after = page.after("after", 0)
        found, last = cut(ROWS[after : after + page.limit + 1], page.limit)
        place = {"after": last["number"]} if last else None
        return list_response(request, found, place, ("number", "name", "codes"))

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
