"""What the house tests look at: the repository, and the text files that belong to it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.vocabulary import Family
from tests.support.data_centre import address_of, make_roles, prepare
from tests.support.postgres_server import own_postgres_server

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = {".png", ".ico", ".woff2", ".gz", ".ttf"}


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def files() -> tuple[Path, ...]:
    """List every file of the repository, tracked or about to be; relative paths."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    ).stdout.decode()
    found = sorted(Path(name) for name in set(listed.split("\0")) if name)
    return tuple(path for path in found if (REPOSITORY / path).is_file())


@pytest.fixture(scope="session")
def texts(files: tuple[Path, ...]) -> dict[Path, str]:
    """Give the text of every text file, by relative path; one that is not UTF-8 is an error."""
    return {
        path: (REPOSITORY / path).read_bytes().decode("utf-8")
        for path in files
        if path.suffix not in BINARY
    }


@pytest.fixture(scope="session")
def code(texts: dict[Path, str]) -> dict[Path, str]:
    """Give the Python of the product: services and shared."""
    return {
        path: text
        for path, text in texts.items()
        if path.suffix == ".py" and path.parts[0] in {"services", "shared"}
    }


@pytest.fixture(scope="session")
def documents(texts: dict[Path, str]) -> dict[Path, str]:
    """Give every page written for people."""
    return {path: text for path, text in texts.items() if path.suffix == ".md"}


@pytest.fixture(scope="package")
def addresses() -> Iterator[dict[str, str]]:
    """Make a server as deploy/ says, prepared twice as by two releases; give each role's address."""
    with own_postgres_server() as server:
        make_roles(server)
        prepare(server)
        prepare(server)
        roles = (*Family, "lists", "sealer", "people")
        yield {role: address_of(server, role) for role in roles}
