"""The independent checker finds each kind of fault: one that finds nothing would prove nothing."""

import json
from collections.abc import Callable

import pytest

from tests.faults.databases import Row
from tests.faults.independent_checker import faults_of_answers, faults_of_the_log, sent_by_nobody
from tests.faults.publishers import Answer
from tests.support.growing_log import GrowingLog

Change = Callable[[list[Row]], object]


@pytest.fixture
def rows() -> list[Row]:
    """Give a right log of five events, as the ledger's own code writes one."""
    growing = GrowingLog()
    growing.grow(5)
    return [
        Row(
            event.position, event.key.source, event.key.id, event.subject, 1,
            event.recorded_us, event.digest, event.chain, event.body,
        )
        for event in growing.log.read(0, 10)
    ]  # fmt: skip


def told(rows: list[Row]) -> list[Answer]:
    """Return the answers that are true of a log."""
    return [Answer(json.loads(r.body), "accepted", r.position, r.chain.hex()) for r in rows]


def test_a_right_log_with_true_answers_has_no_faults(rows: list[Row]) -> None:
    assert faults_of_the_log(rows) == []
    assert faults_of_answers(rows, told(rows)) == []
    assert sent_by_nobody(rows, told(rows)) == []


CHANGES: dict[str, Change] = {
    "lost": lambda rows: rows.pop(2),
    "doubled": lambda rows: rows.append(rows[2]._replace(position=6, version=2)),
    "misplaced": lambda rows: rows.insert(1, rows.pop(3)),
    "another byte": lambda rows: rows.__setitem__(2, rows[2]._replace(body=rows[2].body + b" ")),
    "another time": lambda rows: rows.__setitem__(2, rows[2]._replace(recorded_us=1)),
    "another chain": lambda rows: rows.__setitem__(4, rows[4]._replace(chain=bytes(32))),
    "another version": lambda rows: rows.__setitem__(4, rows[4]._replace(version=2)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_log_that_was_changed_has_faults(rows: list[Row], change: Change) -> None:
    change(rows)
    assert faults_of_the_log(rows) != []


@pytest.mark.parametrize(
    "untrue",
    [
        lambda a: a._replace(position=a.position + 1),
        lambda a: a._replace(chain="00" * 32),
        lambda a: a._replace(event={**a.event, "id": "another"}),
        lambda a: a._replace(event={**a.event, "data": {**a.event["data"], "name": "khác"}}),
    ],
    ids=["position", "chain", "id", "content"],
)
def test_an_answer_that_is_not_true_of_the_log_is_found(
    rows: list[Row], untrue: Callable[[Answer], Answer]
) -> None:
    first, *others = told(rows)
    assert len(faults_of_answers(rows, [untrue(first), *others])) == 1


def test_an_event_that_nobody_was_answered_for_is_found(rows: list[Row]) -> None:
    assert len(sent_by_nobody(rows, told(rows)[1:])) == 1
