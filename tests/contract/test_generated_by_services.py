"""The committed OpenAPI documents and problem codes are what the code says (`make schemas`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.console.write_contract import ROOT, SERVICES, files, openapi_path, problems_text
from shared.errors import declared
from shared.events.catalogue import types_of
from shared.vocabulary import Family


def test_the_committed_files_are_what_the_code_would_write() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in files()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert stale == [], "run `make schemas`"


def test_every_declared_code_is_on_the_page_of_problems() -> None:
    page = problems_text()
    assert len(declared()) > 50
    assert [rule.code for rule in declared() if f"| `{rule.code}` |" not in page] == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_every_service_has_is_documented(service: str) -> None:
    paths = _document(openapi_path(service))["paths"]
    shared = {"/healthz", "/readyz", "/metrics", "/events", "/parked", "/refused", "/receipts"}
    assert shared <= paths.keys()
    assert "post" in paths["/events"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_in_a_document_leads_somewhere(service: str) -> None:
    document = _document(openapi_path(service))
    schemas = document["components"]["schemas"]
    referred = set(_references(document))
    assert referred
    assert {each for each in referred if each.rpartition("/")[2] not in schemas} == set()


@pytest.mark.parametrize("family", list(Family))
def test_every_event_of_a_service_is_in_its_document(family: Family) -> None:
    document = _document(openapi_path(family.value))
    body = document["paths"]["/events"]["post"]["requestBody"]["content"]
    single = body["application/cloudevents+json"]["schema"]["oneOf"]
    assert {each["$ref"].rpartition("/")[2] for each in single} == set(types_of(family))


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in _references(value)]
    if isinstance(part, list):
        return [each for value in part for each in _references(value)]
    return []
