"""A measurement takes minutes: a bar that is none is refused at once, and nothing measured is lost."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.measuring import Line
from tests.benchmarks.reporting import BEGIN, END
from tests.benchmarks.running import MEASURED_BY, arguments, measurements, run


def line(bar: str) -> Line:
    return Line(bar, f"what {bar} does", 2.0, 1.0, "events/s", "the peer", at_least=1)


def whole() -> Iterator[Line]:
    yield line("F1")


def cut_short() -> Iterator[Line]:
    yield line("F3")
    raise RuntimeError("the server went away")


def measured(names: list[str], document: Path | None = None) -> tuple[int, str]:
    text = StringIO()
    measure = {"appending": whole, "projecting": cut_short, "following": whole}
    return run(names, measure, Console(file=text, width=100), document), text.getvalue()


@pytest.mark.parametrize("stated", ["F99", "F1,F99", "", "F1,", "f1", "F1 F2"])
def test_a_bar_that_is_none_is_refused_before_anything_is_measured(
    stated: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(None).parse_args(["--only", stated])
    assert ended.value.code == 2
    assert "no such bar" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("F1,F5", ["appending", "large"]),
        ("F4,F5,F7", ["large"]),
        ("large", ["large"]),
        ("F2b, F2", ["importing"]),
    ],
)
def test_every_bar_of_the_table_may_be_asked_for(stated: str, names: list[str]) -> None:
    assert measurements(stated) == names


def test_unless_some_are_named_all_are_measured() -> None:
    assert set(arguments(None).parse_args([]).only) == set(MEASURED_BY.values())


def test_a_measurement_that_fails_takes_nothing_with_it() -> None:
    code, told = measured(["appending", "projecting", "following"])
    assert code == 1
    assert "the server went away" in told
    assert told.count("what F1 does") == 2 + 2  # each when it was measured, and all at the end
    assert told.count("what F3 does") == 2
    assert told.index("what F3 does") < told.index("the server went away")
    assert "failed: projecting" in told


def test_no_document_is_written_when_something_failed(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    before = f"{BEGIN}\nbefore\n{END}"
    document.write_text(before, "utf-8")
    assert measured(["projecting"], document)[0] == 1
    assert document.read_text("utf-8") == before
