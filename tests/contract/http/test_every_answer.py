"""What every address of every service says: which methods it has, and what browsers may do with it."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from services.reporting.dashboard.routes import PAGES, PageOf
from shared.vocabulary import Family
from tests.support.small_ledger import KNOWN, SmallLedger, small_ledger

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
INLINE = re.compile(
    r"""<(?:style|script)\b|\s(?:style|on[a-z]+)\s*=\s*["']|javascript:""", re.IGNORECASE
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


def addresses(ledger: SmallLedger, family: Family) -> list[str]:
    """Return every address of a service, with ids that exist where it has a place for one."""
    paths = {*ledger.apps[family].openapi()["paths"], "/docs", "/openapi.json"}
    if family is Family.REPORTING:
        paths |= {"/dashboard.css", *(page.path for page in PAGES)}
    ids = {"model_id": "m-1", "unit_id": "vn"}
    return sorted(re.sub(r"\{(\w+)\}", lambda hit: ids.get(hit[1], "1"), path) for path in paths)


@pytest.mark.parametrize("family", Family)
def test_allow_names_every_method_that_an_address_answers(
    ledger: SmallLedger, family: Family
) -> None:
    found = addresses(ledger, family)
    assert {"/events", "/healthz", "/docs", "/openapi.json", "/quarantine"} <= set(found)
    for address in found:
        answers = {method: ledger.ask(family, method, address) for method in METHODS}
        answered = [m for m in METHODS if answers[m].status_code != 405]
        refused = [answers[method] for method in METHODS if method not in answered]
        assert answered, address
        assert refused, address
        assert {each.headers["allow"] for each in refused} == {", ".join(answered)}, address


def test_the_addresses_of_events_name_what_they_take(ledger: SmallLedger) -> None:
    for family, allowed in ((Family.REGISTRY, "GET, HEAD, POST"), (Family.EVALUATION, "POST")):
        answer = ledger.ask(family, "PUT", "/events")
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("family", Family)
def test_an_address_takes_the_query_parameters_that_it_documents(
    ledger: SmallLedger, family: Family
) -> None:
    for path, operations in ledger.apps[family].openapi()["paths"].items():
        address = re.sub(r"\{\w+\}", "vn", path)
        parameters = operations.get("get", {}).get("parameters", ())
        for parameter in (each for each in parameters if each["in"] == "query"):
            twice = ledger.ask(
                family, "GET", f"{address}?{parameter['name']}=1&{parameter['name']}=1"
            )
            schemas = (parameter["schema"], *parameter["schema"].get("anyOf", ()))
            repeatable = any(each.get("type") == "array" for each in schemas)
            place = f"{address} {parameter['name']}"
            assert "unknown_parameter" not in twice.text, place
            assert ("chỉ được ghi một lần" in twice.text) != repeatable, place


def test_reading_does_not_make_the_openapi_document(ledger: SmallLedger) -> None:
    app = ledger.apps[Family.REPORTING]
    app.openapi_schema = None
    assert ledger.ask(Family.REPORTING, "GET", "/awards?anno=1").status_code == 422
    assert app.openapi_schema is None


def _chosen(page: PageOf, unit: str, year: str) -> dict[str, str]:
    """Return what a page must be asked with, and may be."""
    own = {
        "model": "m-1",
        "measure": "registered",
        "since": "1",
        "award": "a-1",
        "organization": "o-1",
    }
    return {"unit": unit, "year": year, **{name: own[name] for name in own if name in page.own}}


def _asked(family: Family) -> Iterator[tuple[str, str, dict[str, str], int]]:
    """Yield requests of every kind, with the status of their answer."""
    for method in ("GET", "HEAD"):
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/parked", "/refused"):
            yield method, path, {}, 200
        yield method, "/nowhere", {}, 404
        yield method, "/parked?limit=0", {}, 422
        yield method, "/refused", {"Accept": "text/csv"}, 200
        yield method, "/parked", {"Host": "evil.example"}, 421
        yield method, "/parked", {"Host": "["}, 400
    yield "PUT", "/events", {}, 405
    yield "POST", "/events", {}, 415
    yield "POST", "/events", {"Content-Type": "application/cloudevents+json"}, 400
    if family is Family.REGISTRY:
        for path in ("/events", "/units", "/organizations", "/taxonomies", "/models/m-1"):
            yield "GET", path, {}, 200
    if family is Family.REPORTING:
        yield "GET", "/dashboard.css", {}, 200
        for page in PAGES:
            yield "GET", f"{page.path}?{urlencode(_chosen(page, 'vn', '2022'))}", {}, 200
        yield "GET", "/?year=2022&unit=nowhere", {}, 404
        yield "GET", "/?map_day=&year=2022", {}, 303
        yield "GET", "/registrations", {"If-None-Match": "*"}, 304
        yield "GET", "/registrations?format=csv", {}, 200
        yield "GET", "/feeds/vn.atom", {}, 200
        yield "GET", "/feeds/vn.atom", {"If-None-Match": "*"}, 304
        yield "GET", "/feeds/vn.json", {}, 200
        yield "GET", "/feeds/nowhere.atom", {}, 404
        yield "GET", "/summaries/national?year=2022", {"If-None-Match": "*"}, 304


@pytest.mark.parametrize("family", Family)
def test_every_answer_tells_browsers_what_they_may_do_with_it(
    ledger: SmallLedger, family: Family
) -> None:
    for method, address, headers, status in _asked(family):
        answer = ledger.ask(family, method, address, headers=headers)
        assert answer.status_code == status, (address, answer.text)
        assert answer.headers.get_list("content-security-policy") == [POLICY], address
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], address
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/docs", {}),
        ("/docs?lang=en", {}),
        ("/events/nowhere", {"Host": "evil.example", "Accept": BROWSER}),
        ("/", {"Host": "[", "Accept": BROWSER}),
    ],
)
def test_a_page_that_brings_its_own_style_allows_that_and_nothing_else(
    ledger: SmallLedger, family: Family, address: str, headers: dict[str, str]
) -> None:
    answer = ledger.ask(family, "GET", address, headers=headers)
    (policy,) = answer.headers.get_list("content-security-policy")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'none'; "
        r"frame-ancestors 'none'; base-uri 'none'",
        policy,
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(re.findall("<style>", answer.text)) == 1
    assert not INLINE.search(answer.text.replace("<style>", ""))


@pytest.mark.parametrize("family", Family)
def test_who_asks_under_another_name_sees_nothing_of_the_service(
    ledger: SmallLedger, family: Family
) -> None:
    asked = {"Host": "evil.example", "Accept": BROWSER, "Accept-Language": "en"}
    answer = ledger.ask(family, "GET", "/", headers=asked)
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "does not answer under the name evil.example" in answer.text
    assert not re.search(r"<(?:a|form|link|table)\b", answer.text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
@pytest.mark.parametrize("unit", KNOWN["unit_id"])
def test_no_page_has_what_its_policy_forbids(ledger: SmallLedger, page: PageOf, unit: str) -> None:
    for year in ("2022", "1900"):
        chosen = _chosen(page, unit, year)
        answer = ledger.ask(Family.REPORTING, "GET", page.path, params=chosen)
        assert answer.headers["content-type"].startswith("text/html")
        assert not INLINE.search(answer.text), answer.url
        sources = re.findall(r"<(?:link|img|iframe|object|embed)\b[^>]*", answer.text)
        assert sources
        for source in sources:
            assert re.search(
                r'href="(?:/?dashboard\.css|data:image/svg|/catalog\.jsonld|/feeds/[a-z0-9-]+(?:/signals)?\.atom)',
                source,
            ), source
