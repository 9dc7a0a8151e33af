"""Each log record is one JSON object on one line, whatever it carries."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared.telemetry.logs import configure_logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("info", service="registry", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_has_its_time_in_utc_its_level_and_whatever_was_added(
    written: io.StringIO,
) -> None:
    logging.getLogger("dvk.test").warning("%s đã đến", "Bắc Kạn", extra={"position": 7})
    (line,) = lines(written)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "dvk.test",
        "message": "Bắc Kạn đã đến",
        "service": "registry",
        "position": 7,
    }
    assert "Bắc Kạn" in written.getvalue(), "Vietnamese is written as it is"


def test_an_exception_stays_on_the_line_of_its_record(written: io.StringIO) -> None:
    try:
        int("no\nnumber")
    except ValueError:
        logging.getLogger("dvk.test").exception("it failed")
    (line,) = lines(written)
    assert line["message"] == "it failed"
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize("strange", ["\udcff", 2**70, {1: object()}, b"\xff", float("nan")])
def test_whatever_a_record_carries_the_line_is_json(written: io.StringIO, strange: object) -> None:
    logging.getLogger("dvk.test").info("strange", extra={"strange": strange})
    assert lines(written)[0]["message"] == "strange"


@pytest.mark.parametrize(
    "hostile",
    ["\n", "\r", "\x1b[2J", "\x7f", "\x85", "\x9b2J", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\ufeff", "\U000e0001"],
    ids=ascii,
)  # fmt: skip
def test_what_a_text_of_others_carries_makes_no_second_line_and_moves_nothing(
    written: io.StringIO, hostile: str
) -> None:
    text = f'r-1{hostile}{{"level":"error","message":"forged"}}'
    logging.getLogger("dvk.test").warning("%s is refused", text, extra={"id": text, hostile: text})
    (line,) = written.getvalue().splitlines()  # parts at every character that any viewer parts at
    assert line.isprintable(), "nothing that a terminal obeys"
    assert json.loads(line)["message"] == f"{text} is refused"
    assert json.loads(line)["id"] == json.loads(line)[hostile] == text


def test_what_is_added_cannot_hide_what_every_line_has(written: io.StringIO) -> None:
    logging.getLogger("dvk.test").info("true", extra={"level": "none", "time": 0})
    (line,) = lines(written)
    assert line["level"] == "info"
    assert line["time"] != 0


def test_uvicorns_own_loggers_write_the_same_lines(written: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.access").info("GET / 200")
    assert [line["message"] for line in lines(written)] == ["Started server process"]


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    logging.getLogger("dvk.test").debug("whisper")
    assert written.getvalue() == ""
