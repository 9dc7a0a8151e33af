"""`dvk audit` believes the pinned beginning of trust only, and its exit code says what it found."""

from io import StringIO
from pathlib import Path

import pytest

from services.console.commands.audit import AuditQuery, audit
from services.console.output.texts import Terminal
from shared.clock import system_clock
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.exports import exported
from tests.support.scenarios import History, given
from tests.support.trusted import key_of
from tests.support.two_provinces import ledger, registers


@pytest.fixture
def history() -> History:
    return ledger(registers("p-a", "1", "a"), registers("p-b", "2", "b"))


def digest_of(history: History) -> str:
    log = history.log.as_family(Family.REPORTING)
    return log.streams(["trust/ledger"])[0].digest.hex()


def audited(file: Path, trust: str | None = None, year: int | None = None) -> tuple[int, str]:
    said = StringIO()
    code = audit(file, AuditQuery(year, trust=trust), system_clock, Terminal(file=said, width=300))
    return code, said.getvalue()


def written(history: History, folder: Path, year: int | None = None, after: int = 0) -> Path:
    log = history.log.as_family(Family.REPORTING)
    return exported(log, folder / "log.jsonl", year=year, after=after)


@pytest.mark.parametrize("year", [None, 2022])
def test_right_signatures_under_the_pinned_beginning_agree(
    history: History, tmp_path: Path, year: int | None
) -> None:
    code, said = audited(written(history, tmp_path, year), digest_of(history), year)
    assert code == 0, said
    assert "6 events after position 6" in said
    assert "6 events up to there are unsigned" in said


def test_without_the_pinned_digest_it_is_refused(history: History, tmp_path: Path) -> None:
    code, said = audited(written(history, tmp_path), year=2022)
    assert (code, "--trust" in said) == (2, True)
    assert "khớp" not in said


def test_a_list_of_keys_is_no_beginning_of_trust(history: History, tmp_path: Path) -> None:
    code, said = audited(written(history, tmp_path), key_of("root-1").written)
    assert (code, digest_of(history) in said) == (1, True)


def test_another_ledger_that_began_trust_is_refused(history: History, tmp_path: Path) -> None:
    code, said = audited(written(history, tmp_path), "0" * 64)
    assert (code, "vị trí 6" in said) == (1, True)


def test_a_log_that_never_began_trust_has_not_the_pinned_one(tmp_path: Path) -> None:
    file = written(given(country(), unit("a")), tmp_path)
    assert audited(file, "0" * 64)[0] == 1
    code, said = audited(file)
    assert (code, "No event of the file is signed" in said) == (0, True)


def test_a_range_without_its_keys_is_not_called_right(history: History, tmp_path: Path) -> None:
    file = written(history, tmp_path, after=8)
    assert audited(file)[0] == 2
    assert audited(file, digest_of(history))[0] == 2


def test_an_event_without_authority_is_named_with_its_position(
    history: History, tmp_path: Path
) -> None:
    position = history.record(registers("p-a", "3", "b")).position
    code, said = audited(written(history, tmp_path), digest_of(history), 2022)
    assert (code, f"vị trí {position}: " in said) == (1, True)
    assert "hai cách đọc khớp" in said
