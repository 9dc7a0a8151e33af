"""What the suite must miss when it is gone: each protection, and the tests that must then fail."""

from __future__ import annotations

from tests.simulation.mutation import Change, Protection


def seeds(chunk: int) -> str:
    """Return the test of ten seeds of the simulation."""
    module = "tests/simulation/test_histories_under_faults.py"
    return f"{module}::test_nothing_is_lost_doubled_or_out_of_order[{chunk}]"


_APPENDING = "tests/contract/eventlog/test_appending.py::"
_CONSUMER = "tests/unit/bus/test_consumer.py::"
_RUNNER = "tests/unit/readmodel/test_runner.py::"
_RELAY = "tests/integration/bus/test_relay_order.py::"
_REFUSED_WHOLE = (
    f"{_RELAY}test_a_run_that_was_read_for_another_state_of_the_stream_is_refused_whole"
)
_INTAKING = "tests/integration/bus/test_intake.py::"
_PROCESSES = "tests/integration/eventlog/test_three_processes_on_one_log.py::"
_GROUP = "shared/appending/group_commit.py"
_APPENDER = "shared/appending/appender.py"
_INTAKE = "shared/bus/intake.py"

PROTECTIONS = (
    Protection(
        "the duplicate check",
        (
            Change(
                _GROUP,
                "known = self._known.get(event.key)\n        if known is not None:\n"
                "            if known.content",
                "known = None\n        if known is not None:\n            if known.content",
            ),
        ),
        (
            seeds(0),
            f"{_APPENDING}test_a_retry_gets_the_original_position_and_stores_nothing[sqlite]",
        ),
        "UNIQUE constraint failed: log_events.source, log_events.event_id",
    ),
    Protection(
        "the content of a used id",
        (
            Change(
                _GROUP,
                "            if known.content != event.content:\n"
                "                return self._reused(event, known.position)\n",
                "",
            ),
        ),
        (
            seeds(0),
            f"{_APPENDING}test_a_used_id_with_other_content_is_refused_and_not_listed[sqlite]",
        ),
        "another content under .* was answered duplicate",
    ),
    Protection(
        "the hole check",
        (
            Change(
                "shared/bus/consumer.py",
                "if event is None or not follows(checkpoint, event):",
                "if event is None:",
            ),
        ),
        (seeds(0), f"{_CONSUMER}test_a_hole_is_filled_from_the_log_and_counted"),
        r"stands at \d+ of \d+, with \d+ events|what is left cannot be read",
    ),
    Protection(
        "the chain check",
        (
            Change(
                "shared/eventlog/checkpoint.py",
                "return event.position == checkpoint.position + 1 and event.chain == link(\n"
                "        checkpoint.chain, event.position, event.recorded_us, event.digest\n    )",
                "return event.position == checkpoint.position + 1",
            ),
        ),
        (
            f"{_CONSUMER}test_entries_of_another_log_are_not_taken",
            f"{_RUNNER}test_a_log_that_does_not_continue_is_noticed",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "the append lock of a file",
        (
            Change(
                "shared/eventlog/dialects.py",
                "            _wait_for(lambda: _try_flock(handle))\n",
                "",
            ),
            Change("shared/eventlog/dialects.py", '"BEGIN IMMEDIATE"', '"BEGIN"'),
        ),
        (seeds(0),),
        "held the append lock at once",
    ),
    Protection(
        "the append lock of PostgreSQL",
        (
            Change(
                "shared/eventlog/dialects.py",
                'f"BEGIN; SELECT pg_advisory_xact_lock({APPEND_LOCK})"',
                'f"BEGIN; SELECT {APPEND_LOCK}"',
            ),
        ),
        (f"{_PROCESSES}test_a_stopped_holder_of_the_lock_is_cut_off_and_cannot_commit",),
        "== .Unavailable.",
    ),
    Protection(
        "the append lock of a log in memory",
        (
            Change(
                "tests/support/memory_log.py",
                "        with self._log.lock:\n",
                "        if True:\n",
            ),
        ),
        (seeds(1),),
        "held the append lock at once",
    ),
    Protection(
        "the catch-up under the lock",
        (
            Change(
                _APPENDER,
                "        self._catch_up(session, look.after)\n",
                "",
            ),
        ),
        (seeds(1),),
        "was refused, and no rule ever refuses it",
    ),
    Protection(
        "what a failed commit leaves in memory is forgotten",
        (Change(_APPENDER, "fresh, self._fresh = self._fresh, False", "fresh = self._fresh"),),
        (seeds(9),),
        "was refused, and no rule ever refuses it",
    ),
    Protection(
        "the expected version",
        (
            Change(
                _GROUP, "            if actual != event.expected_version:", "            if False:"
            ),
        ),
        (
            seeds(0),
            f"{_APPENDING}test_the_expected_version_is_the_number_of_events_of_the_stream[sqlite]",
        ),
        "was accepted at another version than it expected",
    ),
    Protection(
        "the time of recording never decreases",
        (Change(_GROUP, "max(self.head.recorded_us, self._clock())", "self._clock()"),),
        (
            seeds(0),
            f"{_APPENDING}test_recorded_times_never_decrease_even_when_the_clock_does[sqlite]",
        ),
        "the time of recording decreases",
    ),
    Protection(
        "the release of what waited for an event of another service",
        (Change(_APPENDER, "            self._foreign.extend(events)", "            pass"),),
        (
            seeds(0),
            f"{_APPENDING}test_what_another_service_appends_releases_what_waits_here[sqlite]",
        ),
        "of which some exists",
    ),
    Protection(
        "the release of what waited while a service was down",
        (
            Change(
                _APPENDER,
                "        self._swept = False  # what waited",
                "        self._swept = True  # what waited",
            ),
        ),
        (
            seeds(1),
            f"{_APPENDING}test_what_came_while_a_service_was_down_is_released_when_it_starts[sqlite]",
        ),
        "of which some exists",
    ),
    Protection(
        "the limit of the queue",
        (
            Change(
                "shared/appending/queue.py",
                "if self.waiting and full:",
                "if False:",
            ),
        ),
        (f"{_APPENDING}test_a_full_queue_refuses_and_keeps_what_it_has[sqlite]",),
        "DID NOT RAISE",
    ),
    Protection(
        "the checkpoint in the same transaction",
        (
            Change(
                "shared/readmodel/runner.py",
                "        checkpoints.move(connection, [(keys[n], self._at[n], new) for n, new in "
                "moved.items()])\n",
                "",
            ),
            Change(
                "shared/readmodel/runner.py",
                "                self._require_same_aside(connection, models)\n",
                "                self._require_same_aside(connection, models)\n"
                "            with self._store.writing() as connection:\n"
                "                for name, new in moved.items():\n"
                "                    one = (self._keys[name], self._at[name], new)\n"
                "                    checkpoints.move(connection, [one])\n",
            ),
        ),
        (seeds(0),),
        "set aside by|stands at",
    ),
    Protection(
        "the compare-and-set of the checkpoint",
        (
            Change(
                "shared/readmodel/checkpoints.py",
                "            .where(table.position == old_position, table.chain == old_chain)\n",
                "            .where(old_position.is_not(None), old_chain.is_not(None))\n",
            ),
            # It stands behind the first: what was folded twice is no poison.
            Change(
                "shared/readmodel/runner.py",
                "            checkpoints.require(connection, key, self._at[model.name])\n",
                "",
            ),
        ),
        (seeds(1),),
        "set aside by|stands at",
    ),
    Protection(
        "the relay sends only to the stream that it saw",
        (Change("shared/bus/relay.py", "pipeline.watch(EVENTS)", 'pipeline.watch("nothing")'),),
        (seeds(0), f"{_REFUSED_WHOLE}[another relay sends]"),
        "equal or smaller than the target stream top item",
    ),
    Protection(
        "the position as the id of an entry",
        (Change("shared/bus/relay.py", "                id=entry_id(event.position),\n", ""),),
        (seeds(0),),
        "is not at rest",
    ),
    Protection(
        "an entry is taken away with its receipts, never before them",
        (
            Change(
                _INTAKE,
                "            pipeline.xdel(self._stream",
                "            self._redis.xdel(self._stream",
            ),
        ),
        (seeds(0),),
        "without a receipt",
    ),
    Protection(
        "the oldest entry of an intake stream comes first",
        (
            Change(
                _INTAKE, "for entry, fields in entries:", "for entry, fields in reversed(entries):"
            ),
        ),
        (seeds(0), f"{_INTAKING}test_entries_are_taken_in_the_order_in_which_they_came"),
        "and stands before it",
    ),
)
