"""`make fuzz`: Atheris, led by the lines that it reaches, looks for bytes that fool the door.

Run as a program, with libFuzzer's arguments; it stops at the first disagreement and keeps the input.
"""

import json
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["shared.events", "json"]):
    from tests.fuzz.independent_door import check

GOLDEN = Path(__file__).parents[1] / "golden" / "events.jsonl"
LOG_ATTRIBUTES = ("sequence", "recordedtime", "chain")


def seeds(folder: Path) -> None:
    """Write the golden events, as their publishers sent them, for the fuzzer to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(GOLDEN.read_bytes().splitlines()):
        event = json.loads(line)
        sent = {name: event[name] for name in event if name not in LOG_ATTRIBUTES}
        sent["time"] = "2022-03-01T08:59:00+07:00"
        (folder / f"golden-{number}").write_bytes(json.dumps(sent, ensure_ascii=False).encode())


def main() -> None:
    """Fuzz until told to stop; the first argument is the folder of the corpus."""
    seeds(Path(sys.argv[1]))
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
