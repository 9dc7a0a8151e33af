"""The reader's language comes first; in each language numbers are written as it writes them."""

import ast
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest

import services.console
from services.console.commands.publish import summary
from services.console.doctor.finding import Bilingual, Finding, Level
from services.console.doctor.run import show
from services.console.output.tables import show_table
from services.console.output.texts import (
    CHOSEN,
    Terminal,
    both,
    language,
    number,
    number_en,
    said_on,
)

SENTENCES = {"say", "Bilingual", "CannotStart", "both", "pick", "well", "look", "broken"}


@pytest.fixture
def english() -> Iterator[None]:
    token = CHOSEN.set("en")
    yield
    CHOSEN.reset(token)


def printed(width: int = 120) -> tuple[Terminal, StringIO]:
    text = StringIO()
    return Terminal(file=text, width=width, highlight=False), text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "C.UTF-8"}, "vi"),
        ({"LANG": "fr_FR.UTF-8"}, "vi"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
        ({"LANG": "vi_VN", "LC_ALL": "en_GB", "LC_MESSAGES": "vi_VN"}, "en"),
        ({"LANG": "en_US", "LC_ALL": ""}, "en"),
    ],
)
def test_the_language_is_that_of_the_terminal(
    environment: Mapping[str, str], expected: str
) -> None:
    assert language(environment) == expected


def test_a_chosen_language_stands_above_the_terminal(english: None) -> None:
    assert language({"LC_ALL": "vi_VN.UTF-8"}) == "en"


@pytest.mark.parametrize(
    ("value", "digits", "vietnamese", "english"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1_234, 0, "1.234", "1,234"),
        (1_234_567, 0, "1.234.567", "1,234,567"),
        (1_234.5, 1, "1.234,5", "1,234.5"),
        (0.05, 1, "0,1", "0.1"),
    ],
)
def test_numbers_of_both_languages(
    value: float, digits: int, vietnamese: str, english: str
) -> None:
    assert number(value, digits) == vietnamese
    assert number_en(value, digits) == english


def test_sentences_stand_in_both_with_the_numbers_of_each() -> None:
    console, text = printed()
    said_on(console)(f"{number(1_234.5, 1)} giây.", f"{number_en(1_234.5, 1)} s.")
    assert text.getvalue() == "1.234,5 giây. · 1,234.5 s.\n"


def test_for_an_english_reader_english_comes_first(english: None) -> None:
    console, text = printed()
    said_on(console)("2.000 sự kiện", "2,000 events")
    assert text.getvalue() == "2,000 events · 2.000 sự kiện\n"
    assert both("một", "one") == "one · một"


def test_a_table_speaks_the_language_of_the_reader(english: None) -> None:
    console, text = printed()
    show_table(console, "x", summary({"accepted": 12_345}, console))
    assert "12,345" in text.getvalue()
    assert "recorded" in text.getvalue()
    assert "12.345" not in text.getvalue()
    assert "đã nhận" not in text.getvalue()


def test_a_table_for_a_vietnamese_reader() -> None:
    console, text = printed()
    show_table(console, "x", summary({"accepted": 12_345}, console))
    assert "12.345" in text.getvalue()
    assert "đã nhận" in text.getvalue()


def test_the_doctor_speaks_it_too(english: None) -> None:
    console, text = printed()
    found = Bilingual("sổ có 2.000 sự kiện", "the log holds 2,000 events")
    show([Finding("log", Level.LOOK, found, Bilingual("vì", "because"))], console)
    said = text.getvalue()
    assert "! look   Log  the log holds 2,000 events · sổ có 2.000 sự kiện" in said
    assert "Why: because · vì" in said


def _sentences() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Yield each pair of sentences of the command that is written as (Vietnamese, English)."""
    for path in Path(services.console.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Call):  # said_on(console)(…)
                called = called.func
            name = getattr(called, "attr", getattr(called, "id", ""))
            texts = [a for a in node.args if isinstance(a, ast.JoinedStr)]
            if name in {*SENTENCES, "said_on"} and len(texts) == 2:
                yield f"{path.name}:{node.lineno}", texts[0], texts[1]


def _numbers(sentence: ast.expr, by: str) -> list[str]:
    """Return what is written as a number by a function in a sentence."""
    return sorted(
        ast.unparse(node.args[0])
        for node in ast.walk(sentence)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == by
    )


def test_a_number_of_one_half_is_a_number_of_the_other() -> None:
    pairs = list(_sentences())
    assert len(pairs) > 50
    for where, vietnamese, english in pairs:
        assert _numbers(vietnamese, "number_en") == [], where
        assert _numbers(english, "number") == [], where
        assert _numbers(vietnamese, "number") == _numbers(english, "number_en"), where
        for sentence in (vietnamese, english):
            formatted = [n for n in ast.walk(sentence) if isinstance(n, ast.FormattedValue)]
            assert all(n.format_spec is None for n in formatted), f"{where}: write it as a number"
