"""Generator of the contract files: `python -m shared.events.schemas`.

They are one JSON Schema for each version of an event, the AsyncAPI document, a worked example of a
summary's digest, and docs/events.md; a test fails when a committed file differs from the output.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.events.acceptance.visible_text import UNSEEN
from shared.events.catalogue import CATALOGUE
from shared.events.schemas.asyncapi import asyncapi_document
from shared.events.schemas.json_schema import event_schema, file_name
from shared.events.schemas.markdown import events_page
from shared.events.summary_digest import worked_example

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = Path("shared/events/contract")
_UNSEEN = re.compile(f"(?![\x00-\x20])[{UNSEEN}]")


def generated() -> Mapping[Path, str]:
    """Return the text of every generated file, by its path in the repository."""
    documents = {file_name(event): event_schema(event) for event in CATALOGUE.values()}
    documents["asyncapi.json"] = asyncapi_document()
    documents["summary-digest-example.json"] = dict(worked_example())
    files = {CONTRACT / name: as_text(document) for name, document in documents.items()}
    return {**files, Path("docs/events.md"): events_page()}


def as_text(document: object) -> str:
    """Return the text of a JSON document, with invisible characters escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return _UNSEEN.sub(lambda unseen: json.dumps(unseen[0])[1:-1], text) + "\n"


def main() -> None:
    """Write the files that differ, and print their names."""
    for path, text in generated().items():
        file = ROOT / path
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
