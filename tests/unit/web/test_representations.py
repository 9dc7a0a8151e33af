"""JSON or CSV: what `Accept` chooses by RFC 9110, 12.5.1, unless `format=` says it."""

import pytest

from tests.unit.web.app_of_lists import client_of, listing_app

JSON, CSV = "application/json", "text/csv; charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA_URL_CONNECTION = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        # What is wanted more.
        ("text/csv", CSV),
        ("application/json", JSON),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/csv ; Q=0.3 , application/json;q=0.31", JSON),
        # JSON where both are wanted equally, or neither.
        ("", JSON),
        ("*/*", JSON),
        ("*", JSON),
        ("text/csv, application/json", JSON),
        ("text/html", JSON),
        (BROWSER, JSON),
        (JAVA_URL_CONNECTION, JSON),
        ("application/json;q=0", JSON),
        ("text/csv;q=0", JSON),
        ("text/csv;q=0, application/json;q=0", JSON),
        # A range that is more specific decides, wherever it stands and whatever its weight.
        ("text/*", CSV),
        ("text/csv, */*;q=0.1", CSV),
        ("*/*;q=0.1, text/csv;q=0.2", CSV),
        ("text/*;q=0.9, application/json", JSON),
        ("text/csv;q=0, */*", JSON),
        ("text/csv;q=0, text/*, application/json;q=0.1", JSON),
        ("application/json;q=0, */*", CSV),
        ("application/*;q=0.1, */*;q=0.2", CSV),
        ("text/*;q=0.1, */*;q=0.2", JSON),
        ("*/*, application/json;q=0.5", CSV),
        ("text/*;q=0, */*", JSON),
        # Parameters narrow a range down; those of another CSV are not ours.
        ("TEXT/CSV; Charset=UTF-8", CSV),
        ('text/csv; charset="utf-8"; header=present', CSV),
        ("application/json; charset=utf-8, text/csv;q=0.9", JSON),
        ("text/csv;charset=utf-8;q=0.1, text/csv, application/json;q=0.5", JSON),
        ("text/csv;charset=utf-16, application/json;q=0.1", JSON),
        ("text/csv;q=1;charset=utf-16, application/json;q=0.1", CSV),
        # A weight that cannot be read is none.
        ("text/csv;q=nan, application/json;q=0.1", JSON),
        ("text/csv;q=x, */*;q=0.1", JSON),
        ("text/csv;q=-1, application/json;q=0.1", JSON),
        ("text/csv;q=, application/json;q=0.1", JSON),
        ("text/csv;q=7, application/json", JSON),
        # What is no list of media types is no wish.
        (",, ;q=1, =, text, text/", JSON),
        ("text/csvx, xtext/csv, application/jsonx;q=0.1", JSON),
    ],
)
async def test_the_form_that_is_wanted_most_is_chosen(accept: str, kind: str) -> None:
    async with client_of(listing_app()) as client:
        answer = await client.get("/rows", headers={"Accept": accept})
    assert answer.headers["content-type"] == kind


async def test_a_wish_on_several_lines_is_one_wish() -> None:
    lines = [("Accept", "application/json;q=0.5"), ("Accept", "text/csv")]
    async with client_of(listing_app()) as client:
        for headers in (lines, lines[::-1]):
            answer = await client.get("/rows", headers=headers)
            assert answer.headers["content-type"] == CSV
        languages = [("Accept-Language", "vi;q=0.5"), ("Accept-Language", "en")]
        assert (await client.get("/no", headers=languages)).headers["content-language"] == "en"


@pytest.mark.parametrize(("form", "kind"), [("json", JSON), ("csv", CSV)])
async def test_what_the_address_says_overrules_the_header(form: str, kind: str) -> None:
    async with client_of(listing_app()) as client:
        for accept in ("text/csv", "application/json", "*/*"):
            answer = await client.get(f"/rows?format={form}", headers={"Accept": accept})
            assert answer.headers["content-type"] == kind


async def test_every_form_says_what_it_was_chosen_by() -> None:
    async with client_of(listing_app()) as client:
        for address in ("/rows", "/rows?format=csv", "/rows?format=json"):
            answer = await client.get(address, headers={"Accept": "text/csv"})
            assert answer.headers["vary"] == "Accept, Accept-Language"
