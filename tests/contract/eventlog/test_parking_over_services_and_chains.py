"""What waits is released even when its id was used meanwhile, or when very much waits in a row."""

from services.evaluation.decider import EvaluationDecider
from shared.appending.appender import Appender
from shared.eventlog.protocol import EventLog
from shared.vocabulary import Family
from tests.contract.eventlog.conftest import Opener
from tests.contract.eventlog.test_appending import Clock, appender, codes, send, subjects
from tests.support.cloudevents import country, received, recognition, registration, unit


def test_an_id_that_another_service_recorded_meanwhile_is_refused_at_its_release(
    open_as: Opener,
) -> None:
    registry = appender(open_as(Family.REGISTRY))
    evaluation_log = open_as(Family.EVALUATION)
    evaluation = Appender(evaluation_log, EvaluationDecider(), clock=Clock())
    send(registry, country())
    waiting = received("ModelRecognized", recognition("1"), id="same")
    behind = received("EligibilityAssessed", {"registration_id": "r-1", "eligible": True})
    assert codes(send(evaluation, waiting, behind)) == ["Parked", "Parked"]
    send(registry, received("ModelRegistered", registration("2"), id="same"))
    send(registry, received("ModelRegistered", registration("1")))
    evaluation.step()
    assert subjects(evaluation_log)[-2:] == ["registration/r-1"] * 2
    assert evaluation_log.count_parked() == 0
    assert [r.problem.rule.code for r in evaluation_log.list_refused(0, 9, None)] == ["id_reused"]


def test_a_long_row_of_events_that_wait_for_one_another_is_released(log: EventLog) -> None:
    registry = appender(log)
    row = [unit(f"u-{n}", parent_id=f"u-{n - 1}" if n else "vn") for n in range(500)]
    send(registry, *reversed(row))
    assert log.count_parked() == 500
    send(registry, country())
    assert log.count_parked() == 0
    assert subjects(log)[1:] == [f"unit/u-{n}" for n in range(500)]


def test_what_is_refused_at_its_release_is_decided_anew_in_the_same_group(open_as: Opener) -> None:
    registry = appender(open_as(Family.REGISTRY))
    evaluation = Appender(open_as(Family.EVALUATION), EvaluationDecider(), clock=Clock())
    send(registry, country())
    waiting = received("RecognitionRevoked", {"registration_id": "r-1", "reason": "sai"})
    assert codes(send(evaluation, waiting)) == ["Parked"]
    send(registry, received("ModelRegistered", registration("1")))
    assert codes(send(evaluation, waiting)) == ["no_recognition_in_force"]


def test_a_poke_wakes_the_appender_only_while_something_may_wait(open_as: Opener) -> None:
    registry = appender(open_as(Family.REGISTRY))
    evaluation = Appender(open_as(Family.EVALUATION), EvaluationDecider(), clock=Clock())

    def woken() -> bool:
        evaluation.wake_up()
        return evaluation._queue._woken

    assert woken()  # an earlier process may have left something
    evaluation.step()
    send(registry, country())
    assert not woken()
    send(evaluation, received("ModelRecognized", recognition("1")))
    assert woken()
    send(registry, received("ModelRegistered", registration("1")))
    evaluation.step()
    evaluation.step()
    assert not woken()
