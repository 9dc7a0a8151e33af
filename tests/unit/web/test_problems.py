"""Whatever goes wrong is a problem document, in the reader's language."""

from tests.unit.web.app_of_lists import client_of, listing_app


async def test_an_unknown_address_is_a_problem_in_vietnamese() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "vi"
    body = answer.json()
    assert (body["code"], body["status"]) == ("no_such_page", 404)
    assert "Không có địa chỉ /nowhere" in body["detail"]


async def test_an_unknown_method_is_a_problem_that_says_what_is_allowed() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.delete("/rows", headers={"Accept-Language": "en"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.json()["detail"] == "/rows does not support the method DELETE."


async def test_a_mistake_of_ours_is_a_problem_that_tells_nothing_of_the_inside() -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/failing")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert "mistake of ours" not in answer.text


async def test_head_is_answered_where_get_is() -> None:
    async with client_of(listing_app()) as client:
        assert (await client.head("/rows")).status_code == 200


async def test_the_documentation_runs_no_script_and_asks_no_other_host() -> None:
    async with client_of(listing_app()) as client:
        vietnamese = await client.get("/docs")
        english = await client.get("/docs?lang=en")
    for page in (vietnamese, english):
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "http://" not in page.text
        assert "https://" not in page.text
        assert "/rows" in page.text
        assert "invalid_cursor" in page.text
    assert "Danh sách" in vietnamese.text
    assert '<html lang="vi">' in vietnamese.text
    assert '<html lang="en">' in english.text
