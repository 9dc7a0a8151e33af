"""Nothing of a machine, a person's folder or a private network stands in the repository."""

import re
import tomllib
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

# Written so that this file does not find itself.
PRIVATE = re.compile(
    r"""
      (?<![\w.])/(?:root|home|Users|work)/\w          # somebody's folder
    | file:/{3}(?:home|mnt|opt|root|srv|Users|work)\b      # an address on a disk
    | [/.@](?:[\w-]+\.)+(?:internal|corp|lan|intranet)\b   # a host of a private network
    | \b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?!\.\d|\d)\b(?=[:/'"\s])
    """,
    re.VERBOSE,
)
PUBLIC_INDEX = "https://pypi.org/simple"
PUBLIC_FILES = "files.pythonhosted.org"


def test_no_path_or_host_of_a_machine_stands_in_a_file(texts: dict[Path, str]) -> None:
    found = [
        f"{path}:{number} {hit.group()}"
        for path, text in texts.items()
        if path != Path("uv.lock")
        for number, line in enumerate(text.splitlines(), 1)
        for hit in PRIVATE.finditer(line)
    ]
    assert found == []


def test_the_lock_file_names_public_addresses_only(repository: Path) -> None:
    lock = tomllib.loads((repository / "uv.lock").read_text("utf-8"))
    locked = [package for package in lock["package"] if "editable" not in package["source"]]
    assert locked
    assert {frozenset(package["source"].items()) for package in locked} == {
        frozenset({("registry", PUBLIC_INDEX)})
    }
    files = [
        file["url"]
        for package in locked
        for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    ]
    assert {urlsplit(url).hostname for url in files} == {PUBLIC_FILES}


def test_no_index_is_configured_in_the_project(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    assert "index" not in project["tool"].get("uv", {})
    assert not (repository / "uv.toml").exists()


def test_every_text_is_in_unicode_nfc(texts: dict[Path, str]) -> None:
    decomposed = [
        str(path) for path, text in texts.items() if not unicodedata.is_normalized("NFC", text)
    ]
    assert decomposed == []


def test_every_text_ends_with_one_newline_and_has_unix_line_ends(texts: dict[Path, str]) -> None:
    # Vietnamese CSV opens in Excel with CRLF; files made for that say so by their ending.
    odd = [
        str(path)
        for path, text in texts.items()
        if path.suffix != ".csv" and text and ("\r" in text or not text.endswith("\n"))
    ]
    assert odd == []
