"""The verdict over a ledger at rest, after whatever has happened to it."""

from collections.abc import Sequence

from tests.faults.independent_checker import (
    faults_of_answers,
    faults_of_completeness,
    faults_of_figures,
    faults_of_streams,
    faults_of_the_log,
    sent_by_nobody,
)
from tests.faults.ledger import Ledger
from tests.faults.load import Load, until_at_rest
from tests.faults.publishers import Answer

SHOWN = 20


def assert_right(load: Load) -> None:
    """End the load; fail with what is wrong of log, answers, read models and streams."""
    load.finish()
    assert load.wrong() == []
    until_at_rest(load)
    answers = load.answers()
    wrong = wrong_of(load.ledger, answers)
    load.ledger.told = answers
    assert not wrong, "\n".join([f"{len(wrong)} faults", *wrong[:SHOWN]])


def wrong_of(ledger: Ledger, answers: Sequence[Answer]) -> list[str]:
    """Return what is wrong with a ledger at rest, when everybody has been told these answers."""
    rows = ledger.database.log()
    reporting = [each for each in ledger.services.values() if each.name == "reporting"]
    return [
        *faults_of_the_log(rows),
        *faults_of_answers(rows, answers),
        *sent_by_nobody(rows, answers),
        *faults_of_completeness(rows, ledger),
        *(wrong for service in reporting for wrong in faults_of_figures(rows, service)),
        *faults_of_streams(rows, ledger),
    ]
