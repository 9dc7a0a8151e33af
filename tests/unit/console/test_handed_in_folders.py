"""In a folder of others no name leads a command to write elsewhere: not by a link, not by `..`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.console.client.publication import Publication
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.exports import exported
from tests.support.publisher_doubles import Services, publish, sample_file
from tests.support.scenarios import given

SECRET = "what was here before\n"


def _exported(file: Path) -> None:
    exported(given(country()).log.as_family(Family.REGISTRY), file)


WRITTEN: dict[str, Callable[[Path], object]] = {
    "events.jsonl.receipts.jsonl": lambda file: publish(Publication(file), Services()),
    "events.jsonl.progress.json.new": lambda file: publish(Publication(file), Services()),
    "events.jsonl.part": _exported,
    "events.jsonl.events": _exported,
    "events.jsonl": SecretKey.new().save,
}


@pytest.mark.parametrize("target", ["a file", "nothing"])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_link_in_a_handed_in_folder_is_not_written_through(
    tmp_path: Path, name: str, target: str
) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    folder.mkdir()
    if target == "a file":
        outside.write_text(SECRET)
    file = folder / "events.jsonl"
    if name != file.name:
        sample_file(folder).replace(file)
    (folder / name).symlink_to(outside)
    with pytest.raises(OSError, match=r"symbolic links|exists"):
        WRITTEN[name](file)
    assert outside.read_text() == SECRET if target == "a file" else not outside.exists()


@pytest.mark.parametrize("origin", ["../../outside", "/etc/outside", "a/../../outside", "..", "."])
def test_the_origin_of_a_log_is_no_path(tmp_path: Path, origin: str) -> None:
    folder = tmp_path / "home" / "witness"
    memory = CheckpointMemory(folder)
    with memory.held():
        memory.keep(origin, "note")
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert written
    assert {path.parent for path in written} == {folder}
