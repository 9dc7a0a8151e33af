"""What contradicts itself is invalid, and is read all the same where an older release took it."""

import json
from typing import Any

import pytest

from services.console.datasets.nation import nation_events
from shared.events.decoding import payload_of
from tests.unit.events.sending import event, take

WHOLE, PART = "whole", "part"


def reorganized(targets: dict[str, list[tuple[str, str]]], **data: Any) -> dict[str, Any]:
    """Return a reorganisation: what each target draws from, and how much of it."""
    drawn = [source for sources in targets.values() for source, _ in sources]
    return said(
        "UnitsReorganized",
        "reorganization/sx-1",
        reorganization_id="sx-1",
        sources=list(dict.fromkeys(drawn)),
        targets=[
            {"unit_id": target, "from": [{"unit_id": s, "share": share} for s, share in sources]}
            for target, sources in targets.items()
        ],
        **data,
    )


def said(name: str, subject: str, /, **data: Any) -> dict[str, Any]:
    return event(type=f"dvk.{name}.v1", subject=subject, data={"occurred_on": "2022-02-15", **data})


def succeeded(*predecessors: str) -> dict[str, Any]:
    data = {"predecessors": list(predecessors), "successor": "o-1"}
    return said("OrganizationSucceeded", "organization/o-1", **data)


def published(*codes: str, **data: Any) -> dict[str, Any]:
    entries = [{"code": code, "name": f"Lĩnh vực {n}"} for n, code in enumerate(codes)]
    stated = {"taxonomy": "field", "jurisdiction_unit_id": "vn", "version": "1"}
    whole = {**stated, "valid_from": "2022-01-01", "entries": entries, **data}
    return said("TaxonomyPublished", "taxonomy/vn.field", **whole)


def replicated(**data: Any) -> dict[str, Any]:
    return said("ModelReplicated", "model/m-1", source_model_id="m-1", **data)


CONTRADICTIONS = {
    "one source in part and whole": (reorganized({"b": [("a", PART), ("a", WHOLE)]}), "/targets/0"),
    "one source in part twice": (
        reorganized({"b": [("a", WHOLE)], "c": [("d", PART), ("d", PART)]}),
        "/targets/1",
    ),
    "one source whole twice": (reorganized({"b": [("a", WHOLE)] * 2}), "/targets/0"),
    "the whole of one source in two": (reorganized({"b": [("a", WHOLE)], "c": [("a", WHOLE)]}), ""),
    "the whole in one, a part in another": (
        reorganized({"b": [("a", WHOLE)], "c": [("d", WHOLE), ("a", PART)]}),
        "",
    ),
    "a part in one, then the whole": (
        reorganized({"b": [("a", PART)], "c": [("a", WHOLE)]}),
        "",
    ),
    "a part goes on, the whole goes away": (
        reorganized({"a": [("a", PART)], "b": [("a", WHOLE)]}),
        "",
    ),
    "an organisation in its own place": (succeeded("o-2", "o-1"), ""),
    "a code that stands twice": (published("a", "b", "a"), ""),
    "a model that replicates itself": (replicated(target_model_id="m-1"), ""),
}
STANDING = {
    "a merger": reorganized({"b": [("a", WHOLE), ("c", WHOLE)]}),
    "a division": reorganized({"b": [("a", PART)], "c": [("a", PART)]}),
    "a unit that goes on whole": reorganized({"a": [("a", WHOLE), ("b", WHOLE)]}),
    "a unit that gives a part away": reorganized({"a": [("a", PART)], "b": [("a", PART)]}),
    "a merger and a division": reorganized({"b": [("a", WHOLE), ("d", PART)], "c": [("d", PART)]}),
    "successors": succeeded("o-2", "o-3"),
    "a predecessor named twice": succeeded("o-2", "o-2"),
    "codes that differ": published("a", "A", "b"),
    "a taxonomy of one day": published("a", valid_to="2022-01-02"),
    "a taxonomy that is never in force": published("a", valid_to="2021-12-31"),
    "a replication": replicated(target_model_id="m-2"),
    "a replication in a unit": replicated(target_unit_id="m-1"),
    "one organisation in two roles": event(
        {"forces": [{"org_id": "o-1", "role": "chủ trì"}, {"org_id": "o-1", "role": "góp vốn"}]}
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_contradicts_itself_is_invalid_where_it_does(case: str) -> None:
    sent, place = CONTRADICTIONS[case]
    problem = take(sent).objection
    assert problem is not None
    assert (problem.rule.code, problem.rule.status) == ("invalid_data", 422)
    (error,) = problem.errors
    assert error.pointer == f"/data{place}"
    assert " · " in error.detail


@pytest.mark.parametrize("case", STANDING)
def test_what_only_looks_like_it_is_taken(case: str) -> None:
    assert take(STANDING[case]).objection is None


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_an_earlier_release_has_recorded_of_it_is_read(case: str) -> None:
    sent, _ = CONTRADICTIONS[case]
    payload = payload_of(sent["type"], json.dumps(sent).encode())
    assert payload.subject() == sent["subject"]


def test_the_map_that_comes_along_contradicts_itself_nowhere() -> None:
    reorganizations = 0
    for sent in nation_events():
        dated = {**sent, "time": "2022-03-01T08:59:00+07:00"}
        assert take(json.dumps(dated).encode()).objection is None
        reorganizations += sent["type"] == "dvk.UnitsReorganized.v1"
    assert reorganizations > 2_000
