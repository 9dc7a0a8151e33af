"""An answer's name (ETag) is that of the form that was chosen; who has it is told so (304)."""

import pytest
import pytest_asyncio

from tests.integration.reporting.conftest import House

LISTS = (
    "/registrations",
    "/awards",
    "/plans",
    "/inspections",
    "/outcomes",
    "/figures",
    "/reconciliation",
    "/models/m-1/history",
    "/explain?year=2022&measure=registered",
    "/explain?year=2022&measure=registered&since=1",
)
SUMMARIES = (
    "/summaries/national?year=2022",
    "/summaries/units/vn?year=2022&by=unit&map=current",
)
AS_JSON = ("application/json", "*/*", "text/csv;q=0.5, application/json", "text/html", "")
AS_CSV = ("text/csv", "text/*", "text/csv, */*;q=0.1", "application/json;q=0.5, text/csv;q=0.6")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(read_house: House) -> str:
    """Return a parameter that pins a position behind the first registration."""
    return f"known_at={await read_house.registered('1')}"


def of(path: str, at: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{at}"


@pytest.mark.parametrize("path", [*LISTS, *SUMMARIES])
async def test_a_name_follows_the_form_and_not_the_words_of_the_wish(
    read_house: House, at: str, path: str
) -> None:
    names: dict[str, set[str]] = {}
    for accept in (*AS_JSON, *AS_CSV):
        answer = await read_house.reporting.get(of(path, at), headers={"Accept": accept})
        names.setdefault(answer.headers["content-type"], set()).add(answer.headers["etag"])
    assert {kind.partition(";")[0] for kind in names} == {"application/json", "text/csv"}
    assert [len(each) for each in names.values()] == [1, 1]
    assert len(set.union(*names.values())) == 2


@pytest.mark.parametrize("path", [*LISTS, *SUMMARIES])
async def test_words_in_another_language_are_another_answer(
    read_house: House, at: str, path: str
) -> None:
    names = {
        (accept, language): (
            await read_house.reporting.get(
                of(path, at), headers={"Accept": accept, "Accept-Language": language}
            )
        ).headers["etag"]
        for accept in ("text/csv", "application/json")
        for language in ("vi", "en", "fr, vi;q=0.5", "en-GB, vi;q=0.5")
    }
    assert names["text/csv", "vi"] == names["text/csv", "fr, vi;q=0.5"]
    assert names["text/csv", "en"] == names["text/csv", "en-GB, vi;q=0.5"]
    assert names["text/csv", "vi"] != names["text/csv", "en"]
    assert len({name for (accept, _), name in names.items() if accept != "text/csv"}) == 1


@pytest.mark.parametrize("path", [*LISTS, *SUMMARIES])
async def test_the_name_of_one_form_is_not_known_for_the_other(
    read_house: House, at: str, path: str
) -> None:
    json = await read_house.unchecked.get(of(path, at), headers={"Accept": "*/*"})
    asked = {"If-None-Match": json.headers["etag"], "Accept": "text/html, text/csv"}
    other = await read_house.unchecked.get(of(path, at), headers=asked)
    assert other.status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize("path", [*LISTS, *SUMMARIES])
async def test_who_has_an_answer_is_told_so_with_the_same_headers(
    read_house: House, at: str, path: str, accept: str
) -> None:
    url = of(path, at)
    first = await read_house.unchecked.get(url, headers={"Accept": accept})
    tag = first.headers["etag"]
    for stated in (tag, f"W/{tag}", f'"a,b", W/"c" ,{tag}', f'"x",W/{tag},"y"', "*", " * "):
        asked = {"Accept": accept, "If-None-Match": stated}
        for method in ("GET", "HEAD"):
            again = await read_house.unchecked.request(method, url, headers=asked)
            assert (again.status_code, again.content) == (304, b""), stated
            for name in ("etag", "vary", "cache-control", "expires", "content-location"):
                assert again.headers.get(name) == first.headers.get(name), name
    assert first.headers["vary"] == "Accept, Accept-Language"
    # Names on two lines are one list.
    lines = [("Accept", accept), ("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert (await read_house.unchecked.get(url, headers=lines)).status_code == 304


@pytest.mark.parametrize(
    "stated", ['"other"', "{bare}", "W/*", '"*"', '"a", *', '""', "", '"{bare}']
)
async def test_who_has_another_answer_gets_this_one(
    read_house: House, at: str, stated: str
) -> None:
    url = of("/registrations", at)
    tag = (await read_house.unchecked.get(url)).headers["etag"]
    asked = {"If-None-Match": stated.format(bare=tag.strip('"'))}
    assert (await read_house.unchecked.get(url, headers=asked)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/summaries/units/nowhere?year=2022", 404),
        ("/registrations?unit_id=nowhere", 404),
        ("/explain?year=2022&measure=registered&unit_id=nowhere", 404),
        ("/registrations?known_at=999999", 422),
    ],
)
async def test_what_is_no_answer_is_not_known_to_anybody(
    read_house: House, path: str, status: int
) -> None:
    answer = await read_house.unchecked.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code == status
