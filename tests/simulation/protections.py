"""What the suite must miss when it is gone: each protection, and the tests that must then fail."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from shared.eventlog.dialects import APPEND_LOCK
from shared.readmodel.checkpoints import move
from tests.simulation.mutation import Protection
from tests.simulation.protections_of_input import PROTECTIONS_OF_INPUT
from tests.simulation.protections_of_trust import PROTECTIONS_OF_TRUST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, ColumnElement, Connection


def seeds(chunk: int) -> str:
    """Return the test of ten seeds of the simulation."""
    module = "tests/simulation/test_histories_under_faults.py"
    return f"{module}::test_nothing_is_lost_doubled_or_out_of_order[{chunk}]"


def _begin_to_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _state_stays_valid(state: Any) -> bool:
    valid: bool = state.valid
    return valid


def _commit_one_after_the_other(
    runner: Any, models: Sequence[Any], facts: Sequence[Any], *, waiting: bool
) -> Any:
    """Commit the rows, and then move each checkpoint: `_fold` is without a move of its own."""
    with runner._store.folding(waiting=waiting) as connection:
        moved = runner._fold(connection, models, facts)
        runner._require_same_aside(connection, models)
    with runner._store.writing() as connection:
        for name, new in moved.items():
            move(connection, [(runner._keys[name], runner._at[name], new)])
    return moved


def _stands_anywhere(position: BindParameter[int], chain: BindParameter[bytes]) -> Any:
    both: ColumnElement[bool] = position.is_not(None) & chain.is_not(None)
    return both


def _newest_first(intake: Any, names: Sequence[str], at_once: int) -> dict[str, list[Any]]:
    return {each: intake._redis.xrange(each, count=at_once)[::-1] for each in names}


_APPENDING = "tests/contract/eventlog/test_appending.py::"
_ALONE = "tests/contract/eventlog/test_what_fails_alone.py::"
_CONSUMER = "tests/unit/bus/test_consumer.py::"
_RUNNER = "tests/unit/readmodel/test_runner.py::"
_RELAY = "tests/integration/bus/test_relay_order.py::"
_REFUSED_WHOLE = (
    f"{_RELAY}test_a_run_that_was_read_for_another_state_of_the_stream_is_refused_whole"
)
_INTAKING = "tests/integration/bus/test_intake.py::"
_SEALER = "tests/integration/seals/test_what_the_sealer_refuses.py::"
_WITNESS = "tests/unit/trust/test_witnessing.py::"
_PROCESSES = "tests/integration/eventlog/test_three_processes_on_one_log.py::"


PROTECTIONS = (
    Protection(
        "the duplicate check",
        {"shared.appending.group_commit:GroupCommit._recorded_before": lambda _group, _event: None},
        (
            seeds(0),
            f"{_APPENDING}test_a_retry_gets_the_original_position_and_stores_nothing[sqlite]",
        ),
        "UNIQUE constraint failed: log_events.source, log_events.event_id",
    ),
    Protection(
        "the content of a used id",
        {"shared.appending.group_commit:_has_other_content": lambda _event, _before: False},
        (
            seeds(1),
            f"{_APPENDING}test_a_used_id_with_other_content_is_refused_and_not_listed[sqlite]",
        ),
        "another content under .* was answered duplicate",
    ),
    Protection(
        "the hole check",
        {"shared.bus.consumer:_leaves_a_hole": lambda _checkpoint, _event: False},
        (seeds(0), f"{_CONSUMER}test_a_hole_is_filled_from_the_log_and_counted"),
        r"stands at \d+ of \d+, with \d+ events|what is left cannot be read",
    ),
    Protection(
        "the chain check",
        {"shared.eventlog.checkpoint:_is_chained": lambda _checkpoint, _event: True},
        # In the consumer `_is_of_the_log` would notice it too.
        (f"{_RUNNER}test_a_log_that_does_not_continue_is_noticed",),
        "DID NOT RAISE",
    ),
    Protection(
        "the append lock of a file",
        {
            "shared.eventlog.dialects:_take_file_lock": lambda _handle: None,
            "shared.eventlog.dialects:_begin_immediate": _begin_to_read,
        },
        (seeds(0),),
        "held the append lock at once",
    ),
    Protection(
        "the append lock of PostgreSQL",
        {
            "shared.eventlog.dialects:_beginning_with_lock": (
                lambda: f"BEGIN; SELECT {APPEND_LOCK}"
            ),
        },
        (f"{_PROCESSES}test_a_stopped_holder_of_the_lock_is_cut_off_and_cannot_commit",),
        "== .Unavailable.",
    ),
    Protection(
        "the append lock of a log in memory",
        {"tests.support.memory_log:MemoryEventLog.append_lock": lambda _log: nullcontext()},
        (seeds(1),),
        "held the append lock at once",
    ),
    Protection(
        "the catch-up under the lock",
        {
            "shared.appending.appender:Appender._catch_up_under_the_lock": (
                lambda _appender, _session, _look: None
            ),
        },
        (seeds(0),),
        "was refused, and no rule ever refuses it",
    ),
    Protection(
        "what a failed commit leaves in memory is forgotten",
        {"shared.appending.head_state:HeadState.invalidate": _state_stays_valid},
        (
            seeds(4),
            f"{_ALONE}test_an_event_that_breaks_the_state_is_found_by_halving_and_not_recorded",
        ),
        "was refused, and no rule ever refuses it|what is left cannot be read: KeyError",
    ),
    Protection(
        "the expected version",
        {"shared.appending.group_commit:_is_expected": lambda _event, _actual: True},
        (
            seeds(0),
            f"{_APPENDING}test_the_expected_version_is_the_number_of_events_of_the_stream[sqlite]",
        ),
        "was accepted at another version than it expected",
    ),
    Protection(
        "the time of recording never decreases",
        {"shared.appending.recording:never_earlier": lambda _last_us, now_us: now_us},
        (
            seeds(0),
            f"{_APPENDING}test_recorded_times_never_decrease_even_when_the_clock_does[sqlite]",
        ),
        "the time of recording decreases",
    ),
    Protection(
        "the release of what waited for an event of another service",
        {"shared.appending.releases:Releases.remember": lambda _releases, _events: None},
        (
            seeds(0),
            f"{_APPENDING}test_what_another_service_appends_releases_what_waits_here[sqlite]",
        ),
        "of which some exists",
    ),
    Protection(
        "the release of what waited while a service was down",
        {"shared.appending.releases:Releases.sweep": lambda releases: releases.forget()},
        (
            seeds(0),
            f"{_APPENDING}test_what_came_while_a_service_was_down_is_released_when_it_starts[sqlite]",
        ),
        "of which some exists",
    ),
    Protection(
        "the limit of the queue",
        {
            "shared.appending.queue:AppendQueue._has_no_room": (
                lambda _submissions, _events, _size: False
            ),
        },
        (f"{_APPENDING}test_a_full_queue_refuses_and_keeps_what_it_has[sqlite]",),
        "DID NOT RAISE",
    ),
    Protection(
        "the checkpoint in the same transaction",
        {
            "shared.readmodel.checkpoints:move": lambda _connection, _moves: None,
            "shared.readmodel.runner:Runner._committed_together": _commit_one_after_the_other,
        },
        (seeds(0),),
        "set aside by|stands at",
    ),
    Protection(
        "the compare-and-set of the checkpoint",
        {
            "shared.readmodel.checkpoints:_stands_at": _stands_anywhere,
            # It stands behind the first: what was folded twice is no poison.
            "shared.readmodel.checkpoints:require": lambda _connection, _name, _at: None,
        },
        (seeds(1),),
        "set aside by|stands at",
    ),
    Protection(
        "the relay sends only to the stream that it saw",
        {"shared.bus.relay:_watch_the_stream": lambda pipeline: pipeline.watch("nothing")},
        (seeds(1), f"{_REFUSED_WHOLE}[another relay sends]"),
        "equal or smaller than the target stream top item",
    ),
    Protection(
        "the position as the id of an entry",
        {"shared.bus.relay:_id_of": lambda _event: "*"},
        (seeds(0),),
        "is not at rest",
    ),
    Protection(
        "an entry is taken away with its receipts, never before them",
        {
            "shared.bus.intake:Intake._delete_with_receipts": (
                lambda intake, _pipeline, taken: intake._redis.xdel(
                    taken.stream.name, *taken.entries
                )
            ),
        },
        (seeds(0),),
        "without a receipt",
    ),
    Protection(
        "the oldest entry of an intake stream comes first",
        {"shared.bus.intake_streams:IntakeStreams._oldest": _newest_first},
        (seeds(0), f"{_INTAKING}test_entries_are_taken_in_the_order_in_which_they_came"),
        "and stands before it",
    ),
    Protection(
        "the chain behind a checkpoint",
        {"services.sealer.sealer:_is_chained": lambda _chain, _sealed: True},
        (
            f"{_SEALER}test_a_history_recomputed_behind_a_checkpoint_is_not_signed[sqlite]",
            f"{_SEALER}test_a_truncated_log_is_not_signed_even_when_it_has_grown_again[sqlite]",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "a log that became shorter is not sealed",
        {"services.sealer.sealer:_is_truncated": lambda _position, _sealed: False},
        (f"{_SEALER}test_a_truncated_log_is_not_signed_even_when_it_has_grown_again[sqlite]",),
        "DID NOT RAISE",
    ),
    Protection(
        "the roots of both memories of the sealer",
        {"services.sealer.sealer:_has_root": lambda _root, _sealed: True},
        (
            f"{_SEALER}test_a_database_restored_without_the_sealers_file_is_not_signed[sqlite]",
            f"{_SEALER}test_a_file_with_another_root_is_a_contradiction[sqlite]",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "one line of checkpoints",
        {"shared.eventlog.seal_store:_is_last": lambda _newest, _after: True},
        (f"{_SEALER}test_a_sealer_woken_after_another_took_over_publishes_nothing[sqlite]",),
        "UNIQUE constraint failed: log_tiles",
    ),
    Protection(
        "the judgement of a witness",
        {"shared.trust.witnessing:_judge": lambda _request, _new, _known: None},
        (
            f"{_WITNESS}test_two_roots_of_one_size_are_handed_over_as_evidence",
            f"{_WITNESS}test_a_witness_killed_after_it_remembered_never_cosigns_less",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "a proof is verified before it is given",
        {"services.reporting.integrity.evidence:_holds": lambda _proof, _leaf: True},
        ("tests/integration/seals/test_evidence_over_http.py::test_a_rewritten_log_is_not_proved",),
        "text/plain",
    ),
    *PROTECTIONS_OF_TRUST,
    *PROTECTIONS_OF_INPUT,
)
