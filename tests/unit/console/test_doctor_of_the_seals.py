"""The doctor compares the log with its checkpoints, and both with the sealer's own file."""

import shutil

from services.console.doctor.finding import Level
from shared.trust.checkpoints import Checkpoint
from shared.trust.memory import CheckpointMemory
from tests.support.stopped_ledger import Stopped


def test_a_log_that_was_never_sealed_or_not_for_a_minute_is_seen(stopped: Stopped) -> None:
    assert stopped.found(ahead_seconds=3_600)["seal"].level is Level.WELL
    stopped.change(
        "log.db",
        "DELETE FROM log_checkpoints",
        "INSERT INTO log_checkpoints SELECT 'localhost/ledger', 3, zeroblob(32), chain, 0, '', '' "
        "FROM log_events WHERE position = 3",
    )
    shutil.rmtree(stopped.settings.seal_memory)
    assert stopped.found()["seal"].level is Level.WELL
    found = stopped.found(ahead_seconds=61)["seal"]
    assert (found.level, found.found.en[0]) == (Level.LOOK, "2")
    stopped.change("log.db", "DELETE FROM log_checkpoints")
    assert stopped.found()["seal"].level is Level.LOOK


def test_a_history_that_was_recomputed_contradicts_its_seal(stopped: Stopped) -> None:
    stopped.change("log.db", "UPDATE log_events SET chain = zeroblob(32) WHERE position = 5")
    found = stopped.found()["seal"]
    assert (found.level, "position 5" in found.found.en) == (Level.BROKEN, True)


def test_a_sealers_file_that_knows_more_or_other_contradicts_the_log(stopped: Stopped) -> None:
    memory = CheckpointMemory(stopped.settings.seal_memory)
    for size in (5, 9):
        memory.keep(stopped.settings.origin, str(Checkpoint("localhost/ledger", size, bytes(32))))
        assert stopped.found()["seal"].level is Level.BROKEN


def test_the_whole_tree_is_computed_from_the_records_when_all_is_asked_for(
    stopped: Stopped,
) -> None:
    assert "seal" not in stopped.ill(deep=True)
    stopped.change(
        "log.db", "UPDATE log_events SET body = CAST(body || ' ' AS BLOB) WHERE position = 2"
    )
    assert "seal" not in stopped.ill()
    assert "seal" in stopped.ill(deep=True)
