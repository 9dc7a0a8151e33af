"""Whom do we answer in which language."""

import pytest

from shared.web.answers.accept import preferred


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "vi"),
        ("*", "vi"),
        ("vi", "vi"),
        ("fr-FR,fr;q=0.9", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.5, vi;q=0.8", "vi"),
        ("en;q=0", "vi"),
        ("en;q=nonsense", "vi"),
        ("en, vi", "en"),
        ("vi, en", "vi"),
    ],
)
def test_a_reader_is_answered_in_vietnamese_unless_english_is_preferred(
    accepted: str, language: str
) -> None:
    assert preferred(accepted) == language
