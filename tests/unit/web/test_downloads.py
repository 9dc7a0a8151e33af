"""A download is whole, says what it is, and one that broke off does not look like a whole one."""

import asyncio
import csv
import functools
import io
import json
import operator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from shared.web.answers.list_answers import attachment
from shared.web.answers.pagination import LARGEST_LIMIT, Page
from shared.web.server.connection_limits import LimitedHttpProtocol
from tests.unit.web.app_of_lists import client_of, listing_app

MANY = [{"number": n, "name": f"Xã {n}", "codes": []} for n in range(1, 2 * LARGEST_LIMIT + 200)]


def numbers_in_csv(text: bytes) -> list[int]:
    rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    return [int(row["number"]) for row in rows]


@pytest.mark.parametrize(
    "asked", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}]
)
async def test_csv_without_limit_and_cursor_holds_everything(
    asked: dict[str, dict[str, str]],
) -> None:
    async with client_of(listing_app(MANY)) as client:
        answer = await client.get("/rows", **asked)
    assert numbers_in_csv(answer.content) == [row["number"] for row in MANY]
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "link" not in answer.headers
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    "rows", [MANY, MANY[:5], MANY[:LARGEST_LIMIT], MANY[: LARGEST_LIMIT + 1], []]
)
async def test_json_that_is_asked_for_by_name_holds_everything(
    rows: list[dict[str, object]],
) -> None:
    async with client_of(listing_app(rows)) as client:
        answer = await client.get("/rows?format=json")
    assert json.loads(answer.content) == {"items": rows, "next": None}
    assert ".json" in answer.headers["content-disposition"]


@pytest.mark.parametrize("query", ["", "?limit=3", "?lang=vi"])
async def test_json_that_nobody_named_stays_a_page(query: str) -> None:
    async with client_of(listing_app(MANY)) as client:
        answer = await client.get(f"/rows{query}")
    assert len(answer.json()["items"]) == (3 if "limit" in query else 100)
    assert answer.json()["next"]
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_with_a_limit_or_a_cursor_it_is_one_page_that_names_the_next(form: str) -> None:
    async with client_of(listing_app(MANY)) as client:
        first = await client.get(f"/rows?format={form}&limit=1000")
        assert "content-disposition" not in first.headers
        second = await client.get("/rows" + first.links["next"]["url"])
        third = await client.get("/rows" + second.links["next"]["url"])
    assert "next" not in third.links
    found = [
        numbers_in_csv(each.content)
        if form == "csv"
        else [i["number"] for i in each.json()["items"]]
        for each in (first, second, third)
    ]
    assert functools.reduce(operator.iadd, found, []) == [row["number"] for row in MANY]
    assert list(map(len, found)) == [1_000, 1_000, 199]


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_a_cursor_alone_asks_for_a_page(form: str) -> None:
    async with client_of(listing_app(MANY)) as client:
        first = (await client.get("/rows")).json()
        answer = await client.get("/rows", params={"format": form, "cursor": first["next"]})
    assert "content-disposition" not in answer.headers
    assert "next" in answer.links
    assert answer.text.count("Xã ") == 100


async def test_head_reads_no_more_than_the_first_page() -> None:
    read: list[Page] = []
    async with client_of(listing_app(MANY, read_pages=read)) as client:
        answer = await client.head("/rows?format=csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "content-length" not in answer.headers
    assert len(read) == 1


@pytest.mark.parametrize(
    ("query", "accepted", "language", "number"),
    [
        ("", "", "vi", '"1,5"'),
        ("", "en", "en", "1.5"),
        ("", "en;q=0.4, vi;q=0.5", "vi", '"1,5"'),
        ("&lang=vi", "en", "vi", '"1,5"'),
        ("&lang=en", "vi", "en", "1.5"),
    ],
)
async def test_numbers_are_written_as_the_language_has_them_that_is_wanted(
    query: str, accepted: str, language: str, number: str
) -> None:
    rows = [{"number": 1.5, "name": "x", "codes": []}]
    async with client_of(listing_app(rows)) as client:
        answer = await client.get(f"/rows?format=csv{query}", headers={"Accept-Language": accepted})
        page = await client.get(
            f"/rows?format=csv&limit=9{query}", headers={"Accept-Language": accepted}
        )
    assert answer.content == page.content
    assert answer.text.splitlines()[1].startswith(number)
    assert answer.headers["content-language"] == page.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept, Accept-Language"


async def test_another_language_is_refused() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows?lang=fr")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/lang")


async def test_a_file_is_called_in_the_words_of_its_reader() -> None:
    async with client_of(listing_app()) as client:
        vietnamese = await client.get("/rows?format=csv")
        english = await client.get("/rows?format=json&lang=en")
    assert vietnamese.headers["content-disposition"] == (
        'attachment; filename="danh-muc-dak-lak_vi-tri-7.csv"; '
        "filename*=UTF-8''danh-m%E1%BB%A5c-%C4%91%E1%BA%AFk-l%E1%BA%AFk_v%E1%BB%8B-tr%C3%AD-7.csv"
    )
    assert 'filename="the-list_position-7.json"' in english.headers["content-disposition"]


@pytest.mark.parametrize(
    ("parts", "plain"),
    [
        (["Cư M’gar", None, "2022"], "cu-m-gar_2022"),
        (['"; filename=x.exe', "a/../b\\c"], "filename-x-exe_a-b-c"),
        (["\r\nX-Header: 1"], "x-header-1"),
        (["", None], "so-cai"),
        (["日本"], "so-cai"),
        (["x" * 300, "y"], "x" * 60 + "_y"),
    ],
)
def test_nothing_but_letters_digits_and_dashes_comes_into_a_name(
    parts: list[str | None], plain: str
) -> None:
    stated = attachment(parts, "csv")
    assert stated.startswith(f"attachment; filename=\"{plain}.csv\"; filename*=UTF-8''")
    assert stated.isascii()
    assert not set("\r\n\\/") & set(stated)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[int]:
    """Serve an application on a free port as a service does."""
    config = uvicorn.Config(
        app, port=0, http=LimitedHttpProtocol, log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_a_file_that_broke_off_does_not_look_like_a_whole_one(form: str) -> None:
    async with (
        served(listing_app(MANY, breaks_at=2_000)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        received: list[bytes] = []

        async def taken() -> None:
            async with client.stream("GET", f"/rows?format={form}") as answer:
                assert answer.status_code == 200
                async for piece in answer.aiter_bytes():
                    received.append(piece)  # noqa: PERF401  what came before it broke off is kept

        with pytest.raises(httpx.RemoteProtocolError):
            await taken()
    assert "Xã 2000".encode() in b"".join(received)
    assert b"next" not in b"".join(received)


async def test_what_cannot_even_begin_is_a_problem() -> None:
    async with client_of(listing_app(MANY, breaks_at=0)) as client:
        answer = await client.get("/rows?format=csv")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "content-disposition" not in answer.headers
