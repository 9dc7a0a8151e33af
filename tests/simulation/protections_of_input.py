"""The protections against texts, names and passwords; each with the tests that fail without it."""

from __future__ import annotations

import os

from tests.simulation.mutation import Protection


def _through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


_FOLDERS = "tests/unit/console/test_handed_in_folders.py::test_a_link_in_a_handed_in_folder_is_not_written_through"
_WEAK = "tests/integration/people/test_wrong_passwords.py::test_a_weak_password_is_refused_and_the_link_stays"

PROTECTIONS_OF_INPUT = (
    Protection(
        "no text of others is a formula",
        {"shared.web.answers.csv_tables:_harmless": lambda _column, text: text},
        (
            "tests/unit/web/test_tables.py::test_a_free_text_keeps_its_guard_though_it_looks_like_an_id",
        ),
        "'-abc'",
    ),
    Protection(
        "no text of others changes the order of letters on a page",
        {"shared.web.answers.page_templates:_without_direction_marks": lambda value: value},
        (
            "tests/unit/reporting/dashboard/test_hostile_texts.py::test_a_text_cannot_turn_what_follows_it",
        ),
        "AssertionError",
    ),
    Protection(
        "no link in a folder of others is written through",
        {"shared.side_files:_not_through_a_link": _through_a_link},
        (f"{_FOLDERS}[events.jsonl.part-nothing]",),
        "DID NOT RAISE",
    ),
    Protection(
        "passwords that are guessed first are refused",
        {"shared.people.accounts:_is_strong": lambda _password, _name: True},
        (f"{_WEAK}[password1234-password1234]",),
        "DID NOT RAISE",
    ),
)
