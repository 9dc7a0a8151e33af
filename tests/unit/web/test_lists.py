"""Pages by cursor, and no parameter that goes unnoticed."""

import base64

import pytest

from tests.unit.web.app_of_lists import client_of, listing_app


async def test_a_list_is_read_to_its_end_by_its_cursors() -> None:
    seen: list[int] = []
    async with client_of(listing_app()) as client:
        cursor = None
        for _ in range(3):
            parameters = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/rows", params=parameters)).json()
            seen += [item["number"] for item in page["items"]]
            cursor = page["next"]
    assert seen == [1, 2, 3, 4, 5]
    assert cursor is None


async def test_a_full_last_page_has_no_next() -> None:
    async with client_of(listing_app()) as client:
        assert (await client.get("/rows?limit=5")).json()["next"] is None


async def test_csv_begins_with_a_byte_order_mark_and_links_to_the_next_page() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows?limit=2&format=csv")
        assert answer.content.startswith(b"\xef\xbb\xbfnumber,name,codes\r\n1,X\xc3\xa3 1,[1]\r\n")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        following = await client.get("/rows" + answer.links["next"]["url"])
    assert following.content.decode("utf-8-sig").splitlines()[1:] == ["3,Xã 3,[3]", "4,Xã 4,[4]"]


def _cursor(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%%%",
        "not base64!",
        _cursor(b"not json"),
        _cursor(b"[1]"),
        _cursor(b"{}"),
        _cursor(b'{"after":"2"}'),
        _cursor(b'{"after":true}'),
        _cursor(b'{"after":18446744073709551615}'),
        _cursor(b'{"after":1e400}'),
        _cursor(b"[" * 3_000),
    ],
)
async def test_a_cursor_that_nobody_gave_out_is_refused(cursor: str) -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in {"invalid_cursor", "invalid_parameter"}


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", "", "99999999999999999999"])
async def test_a_limit_lies_between_1_and_1000(limit: str) -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows", params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/limit"


@pytest.mark.parametrize("path", ["/rows?limit=1&colour=red", "/openapi.json?x=1", "/docs?y=2"])
async def test_an_unknown_parameter_is_refused_by_name(path: str) -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_parameter"


async def test_a_parameter_given_twice_is_refused() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows?limit=1&limit=2")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/limit"
