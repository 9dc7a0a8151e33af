"""Writes the generated part of the contract: OpenAPI documents and problem codes.

`make schemas` runs it; a test fails when a committed file differs from its output.
"""

import pkgutil
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import services
import shared
from shared.errors import declared
from shared.events.schemas.__main__ import as_text
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
SERVICES = ("registry", "evaluation", "reporting")
_PROBLEMS_HEAD = """\
# Problem codes

Every error is answered as `application/problem+json` (RFC 9457). Its `code` is stable: a program
may rely on it. The words are for people, in Vietnamese, or in English when `Accept-Language`
prefers it; what stands in {braces} is filled in, and the same values stand beside `code` in the
document. Field errors are listed in `errors`, each with a JSON pointer.

This page is written by `make schemas` from the code.

| code | status | Tiếng Việt | English |
|---|---|---|---|
"""


def files() -> Iterator[tuple[Path, str]]:
    """Yield every file of this part of the contract, with its content."""
    for service in SERVICES:
        yield openapi_path(service), openapi_text(service)
    yield ROOT / "docs/problems.md", problems_text()


def openapi_path(service: str) -> Path:
    """Return the path of a service's OpenAPI document."""
    return ROOT / f"shared/events/contract/openapi-{service}.json"


def openapi_text(service: str) -> str:
    """Return the OpenAPI document that a service generates."""
    with TemporaryDirectory() as home:
        settings = Settings.from_environment({"DVK_HOME": home})
        document: Mapping[str, object] = (
            import_module(f"services.{service}.app").build_app(settings).openapi()
        )
    return as_text(document)


def problems_text() -> str:
    """Return the page of all problem codes."""
    for name in _modules():
        import_module(name)
    rows = (
        f"| `{rule.code}` | {rule.status} | {_cell(rule.vi)} | {_cell(rule.en)} |\n"
        for rule in declared()
    )
    return _PROBLEMS_HEAD + "".join(rows)


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _modules() -> Iterator[str]:
    """Yield every module of the product: problems are declared in the modules that raise them."""
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield found.name


def main() -> None:
    """Write the files."""
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
