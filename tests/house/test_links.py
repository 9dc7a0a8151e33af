"""Every link of the documents that stays within the repository leads somewhere."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def test_every_relative_link_resolves(repository: Path, documents: dict[Path, str]) -> None:
    broken = [
        f"{path}: {target}"
        for path, text in documents.items()
        for target in _links(text)
        if not _leads_somewhere(repository, path, target, documents)
    ]
    assert broken == []


def _links(text: str) -> Iterator[str]:
    for target in LINK.findall(FENCED.sub("", text)):
        if not re.match(r"[a-z]+:", target):
            yield target


def _leads_somewhere(repository: Path, path: Path, target: str, documents: dict[Path, str]) -> bool:
    name, _, anchor = target.partition("#")
    reached = (repository / path.parent / name).resolve() if name else repository / path
    if not reached.exists():
        return False
    page = documents.get(reached.relative_to(repository))
    return not anchor or page is None or anchor in _anchors(page)


def _anchors(page: str) -> set[str]:
    """Return the anchors that forges make of headings: small letters, digits, hyphens."""
    found = set()
    for heading in HEADING.findall(FENCED.sub("", page)):
        kept = "".join(
            letter
            for letter in heading.lower()
            if letter in " -_" or unicodedata.category(letter)[0] in "LMN"
        )
        found.add(kept.replace(" ", "-"))
    return found
