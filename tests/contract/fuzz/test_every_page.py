"""The dashboard, the documents and odd requests: whatever is asked, no page fails and none hangs."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.reporting.dashboard.page_parameters import CHOSEN
from services.reporting.dashboard.routes import PAGES, PageOf
from shared.vocabulary import Family
from tests.support.query_values import CURSORS, MOMENTS, ODD_TEXTS
from tests.support.small_ledger import KNOWN, SmallLedger

LARGEST_PROBLEM = 16 * 1024
FORMS = ("map_day", "since_day", "colour")
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(
            ["*/*", "text/csv", "text/csv;q=nan", "a" * 8_000, ",;=,", "text/html;q=\xe9", ""]
        ),
        "Accept-Language": st.sampled_from(["en", "vi;q=1e999", "*;q=-1", "en-" * 3_000, "\xe9"]),
        "If-None-Match": st.sampled_from(["*", 'W/"x"', '"' * 5_000, "\xe9\xff", ",,,,"]),
        "Range": st.sampled_from(["bytes=0-1", "bytes=-1", "items=0-9", "bytes=0-,-1,5-2"]),
        "Host": st.sampled_from(["[", "a:b:c", "", "\xe9", "xn--", "test:99999999"]),
        "Content-Length": st.sampled_from(["-1", "9" * 5_000, "x", "0"]),
        "X-Forwarded-Proto": st.sampled_from(["javascript", "\xe9"]),
        "Expect": st.just("100-continue"),
        "Cookie": st.just("=;" * 4_000),
    },
)
PLACES = (
    "/completeness",
    "/registrations?year=2022",
    "/summaries/national?year=2022&by=unit",
    "/explain?year=2022&measure=registered",
    "/docs",
    "/openapi.json",
    "/dashboard.css",
    "/events",
    "/nowhere",
    "/%2e%2e/etc/passwd",
    "/summaries/units/%00",
    "/models/" + "x" * 9_000,
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get")


def quietly(examples: int) -> settings:
    """Return settings under which the same requests are made each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


def values(name: str) -> st.SearchStrategy[str]:
    """Return what may stand under a name in the address of a page."""
    if name in {"known_at", "map", "since", *FORMS}:
        return MOMENTS
    if name == "cursor":
        return CURSORS
    known = st.sampled_from(KNOWN.get(name, ("1", "all", "vi", "agrees")))
    return st.one_of(known, known, ODD_TEXTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_no_page_fails_whatever_its_address_says(ledger: SmallLedger, page: PageOf) -> None:
    _fuzz_page(ledger, page, examples=15)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_no_page_fails_in_many_tries(ledger: SmallLedger, page: PageOf) -> None:
    _fuzz_page(ledger, page, examples=400)


def test_no_header_and_no_method_makes_a_service_fail(ledger: SmallLedger) -> None:
    _fuzz_requests(ledger, examples=60)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_header_and_no_method_makes_a_service_fail_in_many_tries(ledger: SmallLedger) -> None:
    _fuzz_requests(ledger, examples=4_000)


@pytest.mark.parametrize("family", Family)
def test_a_problem_is_brief_however_long_the_address_is(
    ledger: SmallLedger, family: Family
) -> None:
    many = "&".join(f"a{number}=" for number in range(9_000))
    for address in (f"/parked?{many}", "/" + "x" * 60_000, f"/parked?{'n' * 60_000}="):
        answer = ledger.ask(family, "GET", address)
        assert 400 <= answer.status_code < 500
        assert len(answer.content) < LARGEST_PROBLEM


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROGRAMS = (
    None, "*/*", "application/json", "application/problem+json", "text/csv", "text/html;q=0",
    "application/json, text/html;q=0.9", "text/*;q=0.1, */*;q=0.2",
)  # fmt: skip


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("address", ["/nowhere", "/%2e%2e/etc", "/pages/nothing", "/parked?x=1"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_whoever_asks_with_a_browser_is_told_on_a_page(
    ledger: SmallLedger, family: Family, address: str, language: str
) -> None:
    headers = {"Accept": BROWSER, "Accept-Language": language}
    page = ledger.ask(family, "GET", address, headers=headers)
    program = ledger.ask(family, "GET", address, headers={"Accept-Language": language})
    assert page.status_code == program.status_code
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == language
    assert page.headers["vary"] == program.headers["vary"] == "Accept, Accept-Language"
    assert f'<html lang="{language}">' in page.text
    assert page.text.count("<h1>") == 1


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("accept", PROGRAMS)
def test_programs_are_told_in_problem_json(
    ledger: SmallLedger, family: Family, accept: str | None
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = ledger.ask(family, "GET", "/nowhere", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_page")
    assert answer.headers["content-type"] == "application/problem+json"
    posted = ledger.ask(family, "POST", "/nowhere", headers={"Accept": BROWSER})
    assert posted.headers["content-type"] == "application/problem+json"


def test_the_page_of_a_wrong_address_leads_back_and_says_what_it_was(ledger: SmallLedger) -> None:
    for language, says in (("vi", "Không có trang nào ở địa chỉ /trang/lạ."), ("en", "no page at")):
        address = f"/trang/l%E1%BA%A1?lang={language}"
        page = ledger.ask(Family.REPORTING, "GET", address, headers={"Accept": BROWSER})
        assert says in page.text
        assert 'href="/' in page.text
    assert 'href="/trang/l%E1%BA%A1"' in page.text  # the same in the other language
    unknown = "/summaries/units/nowhere?year=2022"
    page = ledger.ask(Family.REPORTING, "GET", unknown, headers={"Accept": BROWSER})
    assert (page.status_code, "Không tìm thấy đơn vị này" in page.text) == (404, True)


def _fuzz_page(ledger: SmallLedger, page: PageOf, *, examples: int) -> None:
    names = (*CHOSEN, *page.own, *FORMS)

    @quietly(examples)
    @given(st.fixed_dictionaries({}, optional={name: values(name) for name in names}))
    def shown(parameters: Mapping[str, str]) -> None:
        answer = ledger.ask(Family.REPORTING, "GET", page.path, params=parameters)
        redirects = 0
        while answer.status_code == 303:
            redirects += 1
            assert redirects < 3, "an address that is made tidy is tidy"
            answer = ledger.ask(Family.REPORTING, "GET", answer.headers["location"])
        assert answer.status_code < 500, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script>alert" not in answer.text

    shown()


def _fuzz_requests(ledger: SmallLedger, *, examples: int) -> None:
    before = ledger.head()

    @quietly(examples)
    @given(
        st.sampled_from(list(Family)), st.sampled_from(METHODS), st.sampled_from(PLACES), HEADERS
    )
    def answered(family: Family, method: str, address: str, headers: Mapping[str, str]) -> None:
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = ledger.ask(family, method, address, headers=raw)
        assert answer.status_code < 500, answer.text
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code >= 400:
            assert media_type == "application/problem+json"
            assert len(answer.content) < LARGEST_PROBLEM

    answered()
    assert ledger.head() == before
