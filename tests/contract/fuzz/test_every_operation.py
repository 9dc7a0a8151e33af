"""Whatever is asked of an operation of the OpenAPI documents, its answer is one they foresee.

Schemathesis makes the requests, good and bad ones, by the documents that the services hand out;
values that mean something in the ledger are mixed in.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.events.schemas.__main__ import CONTRACT, ROOT
from shared.vocabulary import Family
from tests.support.query_values import CURSORS, MOMENTS
from tests.support.small_ledger import KNOWN, SmallLedger

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
WITHOUT_INPUT = {"/healthz", "/readyz", "/metrics", "/completeness"}
LARGEST_PROBLEM = 32 * 1024


def operations() -> Iterator[Any]:
    """Yield every operation of every service, from the documents in the repository."""
    for family in Family:
        document = json.loads((ROOT / CONTRACT / f"openapi-{family}.json").read_bytes())
        for path, methods in document["paths"].items():
            for method in methods:
                yield pytest.param(family, method, path, id=f"{family} {method.upper()} {path}")


@pytest.fixture(scope="module")
def documents(ledger: SmallLedger) -> Mapping[Family, Any]:
    """Give what Schemathesis makes of the documents, as the services hand them out."""
    return {
        family: schemathesis.openapi.from_asgi("/openapi.json", app)
        for family, app in ledger.apps.items()
    }


@pytest.mark.parametrize(("family", "method", "path"), list(operations()))
def test_every_answer_is_documented(
    ledger: SmallLedger, documents: Mapping[Family, Any], family: Family, method: str, path: str
) -> None:
    _fuzz(ledger, documents[family][path][method], family, examples=3)


@pytest.mark.thorough
@pytest.mark.parametrize(("family", "method", "path"), list(operations()))
def test_every_one_of_some_answers_is_documented(
    ledger: SmallLedger, documents: Mapping[Family, Any], family: Family, method: str, path: str
) -> None:
    _fuzz(ledger, documents[family][path][method], family, examples=20)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("family", "method", "path"), list(operations()))
def test_every_one_of_many_answers_is_documented(
    ledger: SmallLedger, documents: Mapping[Family, Any], family: Family, method: str, path: str
) -> None:
    _fuzz(ledger, documents[family][path][method], family, examples=400)


def _fuzz(ledger: SmallLedger, operation: Any, family: Family, *, examples: int) -> None:
    before = ledger.head()
    accepted = 0

    @settings(
        max_examples=1 if operation.path in WITHOUT_INPUT else examples,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_requests(operation))
    def answered(case: Case) -> None:
        nonlocal accepted
        response = case.call()
        checks = list(CHECKS)
        # A batch is answered event by event, so a bad one in it is no refusal of the whole.
        if case.meta is not None and case.meta.generation.mode.is_negative and case.method == "GET":
            checks.append(negative_data_rejection)
        case.validate_response(response, checks=checks)
        _check_problem(response)
        accepted += _accepted(response)

    answered()
    assert ledger.head() == before + accepted, "something stands in the log that nobody was told of"


def _requests(operation: Any) -> st.SearchStrategy[Case]:
    """Return requests of an operation: good ones, good ones about what is there, and bad ones."""
    good: st.SearchStrategy[Case] = operation.as_strategy()
    if operation.path in WITHOUT_INPUT:
        return good
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    if operation.method == "post":
        return st.one_of(good, bad)
    query = [each.name for each in operation.query]
    steps = [each.name for each in operation.path_parameters]
    stated = st.fixed_dictionaries({}, optional={name: _values(name) for name in query})
    named = st.fixed_dictionaries({name: _values(name) for name in steps})
    return st.one_of(good, st.tuples(good, stated, named).map(_with), bad)


def _values(name: str) -> st.SearchStrategy[Any]:
    if name in KNOWN:
        return st.sampled_from(KNOWN[name])
    match name:
        case "known_at" | "since" | "map":
            return MOMENTS
        case "cursor":
            return CURSORS
        case _:
            return st.text(max_size=8)


def _with(mixed: tuple[Case, dict[str, Any], dict[str, Any]]) -> Case:
    case, query, steps = mixed
    case.query = query
    case.path_parameters = {**(case.path_parameters or {}), **steps}
    return case


def _check_problem(response: Response) -> None:
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert {"type", "title", "code", "detail"} <= problem.keys()
    assert len(response.content) < LARGEST_PROBLEM


def _accepted(response: Response) -> int:
    """Return how many events this answer says to be new in the log."""
    if response.status_code == 201:
        return 1
    if response.status_code != 200 or response.request.method != "POST":
        return 0
    items = json.loads(response.content).get("items", ())
    return sum(item["status"] == "accepted" for item in items)
