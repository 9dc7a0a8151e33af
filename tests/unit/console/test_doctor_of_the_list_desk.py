"""`dvk doctor` and a list desk whose key is open, lost or another's, or whose uploads are stuck."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.console.doctor import list_desk
from services.console.doctor.commands import Commands
from services.console.doctor.finding import Finding, Level
from services.console.doctor.list_desk import check_desk_files
from services.console.doctor.services import check_service
from services.lists.uploads.store import DeskStore
from services.lists.uploads.upload import Upload, UploadStage
from services.lists.uploads.worker import STUCK_MINUTES
from shared.clock import MICROSECONDS, system_clock
from shared.settings import Settings
from tests.support.small_desk import vault_in


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Give the settings of a desk that runs."""
    with vault_in(tmp_path):
        yield Settings.from_environment({"DVK_HOME": str(tmp_path)})


def found(settings: Settings) -> dict[str, Finding]:
    return {each.check: each for each in check_desk_files(settings)}


def advice(finding: Finding) -> str:
    return " ".join(step.en for step in finding.do)


def test_a_desk_that_is_whole_is_well(settings: Settings) -> None:
    assert {check: each.level for check, each in found(settings).items()} == {
        "desk_key": Level.WELL,
        "desk_state": Level.WELL,
    }


def test_where_no_desk_was_there_is_nothing_to_say_and_no_key_is_made(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    assert found(settings) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_named_with_the_command_that_closes_it(
    settings: Settings,
) -> None:
    settings.lists_key.chmod(0o640)
    key = found(settings)["desk_key"]
    assert (key.level, "0640" in key.found.en) == (Level.BROKEN, True)
    assert f"chmod 600 {settings.lists_key}" in advice(key)


@pytest.mark.parametrize("secret", [b"", bytes(32)])
def test_a_key_that_does_not_open_the_state_is_broken(settings: Settings, secret: bytes) -> None:
    settings.lists_key.write_bytes(secret)
    key = found(settings)["desk_key"]
    assert (key.level, "does not open" in key.found.en) == (Level.BROKEN, True)
    assert "#back-up-and-restore" in advice(key)


def test_a_lost_key_is_missed_and_not_made_again(settings: Settings) -> None:
    settings.lists_key.unlink()
    assert found(settings)["desk_key"].level is Level.BROKEN
    assert not settings.lists_key.exists()


def test_a_state_that_takes_much_room_is_seen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_desk, "MUCH_BYTES", 1000)
    state = found(settings)["desk_state"]
    assert state.level is Level.LOOK
    assert "#old-uploads-of-the-list-desk" in advice(state)


def test_a_desk_that_says_that_uploads_are_stuck_is_to_be_started_again() -> None:
    checks = {"uploads": {"ok": False, "reason": "list_uploads_stuck: 2 lists"}}
    ready = httpx.Response(200, json={"status": "ready", "checks": checks})

    def answer(request: httpx.Request) -> httpx.Response:
        return ready if request.url.path == "/readyz" else httpx.Response(404)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        said = list(check_service(client, "lists", "http://lists", system_clock, Commands(None)))
    assert said[0].level is Level.LOOK
    assert "2 lists" in said[0].found.en
    assert "docker compose restart lists" in advice(said[0])


def test_an_upload_is_stuck_after_some_minutes_without_progress(tmp_path: Path) -> None:
    now = [0]
    with vault_in(tmp_path) as vault:
        store = DeskStore(f"sqlite:///{tmp_path / 'lists.db'}", vault.key, lambda: now[0])
        upload = Upload("u-1", "registrations", "x-1", "Xã Một", 2022, "a.xlsx", "", 0)
        store.add(upload, b"")
        limit = STUCK_MINUTES * 60 * MICROSECONDS
        assert (store.unchanged_since(0), store.unchanged_since(1)) == (0, 1)
        now[0] = limit
        store.change(upload, done=1)
        assert (store.unchanged_since(limit), store.unchanged_since(limit + 1)) == (0, 1)
        store.change(upload, stage=UploadStage.CHECKED)
        assert store.unchanged_since(limit + 1) == 0
        store.close()
