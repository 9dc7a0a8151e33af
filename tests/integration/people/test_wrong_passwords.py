"""Guessing is slow, and says nothing of which accounts there are."""

import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import LedgerError
from shared.people.accounts import HASHER, Accounts
from shared.people.attempts import delay_seconds
from shared.people.database import PeopleDatabase
from shared.people.known_passwords import is_known
from tests.support.people_pages import PASSWORD, Officer, OneBrowser

WRONG = "sai mật khẩu này"


class Guessed:
    """Accounts with a clock that a test turns."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000_000_000_000
        self.database = PeopleDatabase(f"sqlite:///{folder / 'people.db'}")
        self.accounts = Accounts(self.database, lambda: self.now)
        self.accounts.add("lan")
        self.accounts.set_password(self.accounts.link("lan"), PASSWORD, PASSWORD)

    def guess(self, name: str, password: str = WRONG) -> tuple[str, int]:
        """Try a password; return the code of the refusal and the seconds to wait."""
        try:
            self.accounts.verified(name, password)
        except LedgerError as error:
            return error.problem.rule.code, int(str(error.problem.params.get("seconds", 0)))
        return "", 0


@pytest.fixture
def guessed(tmp_path: Path) -> Iterator[Guessed]:
    made = Guessed(tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize("name", ["lan", "no-such-account"])
def test_after_five_failures_a_name_waits_known_or_not(guessed: Guessed, name: str) -> None:
    assert [guessed.guess(name) for _ in range(5)] == [("wrong_password", 0)] * 5
    assert guessed.guess(name) == ("too_many_attempts", 2)
    assert guessed.guess(name, PASSWORD) == ("too_many_attempts", 2)  # even the right one
    guessed.now += 1_999_999
    assert guessed.guess(name) == ("too_many_attempts", 1)
    guessed.now += 1
    assert guessed.guess(name) == ("wrong_password", 0)
    assert guessed.guess(name) == ("too_many_attempts", 4)


def test_a_hundred_wrong_passwords_take_seven_hours(guessed: Guessed) -> None:
    started = guessed.now
    for _ in range(100):
        code, seconds = guessed.guess("lan")
        if code == "too_many_attempts":
            guessed.now += seconds * 1_000_000
            code, _ = guessed.guess("lan")
        assert code == "wrong_password"
    assert (guessed.now - started) / 3_600_000_000 > 7
    guessed.now += delay_seconds(100) * 1_000_000
    assert guessed.guess("lan", PASSWORD) == ("", 0)  # the officer is never locked out for good
    assert guessed.guess("lan") == ("wrong_password", 0)


def test_failures_are_forgotten_the_first_few_within_an_hour(guessed: Guessed) -> None:
    def kept() -> int:
        with guessed.database.reading() as connection:
            return len(connection.exec_driver_sql("SELECT * FROM people_attempts").all())

    for number in range(3):
        guessed.guess(f"name-{number}")
    for _ in range(5):
        guessed.guess("lan")
    assert kept() == 4
    guessed.now += 3_600_000_000
    guessed.guess("another")
    assert kept() == 2
    guessed.now += 86_400_000_000
    guessed.guess("another")
    assert kept() == 1


def test_one_name_does_not_make_another_wait(guessed: Guessed) -> None:
    for _ in range(6):
        guessed.guess("minh")
    assert guessed.guess("lan", PASSWORD) == ("", 0)


def test_an_unknown_name_takes_as_long_as_a_known_one(guessed: Guessed) -> None:
    def seconds(name: str) -> float:
        guessed.now += 86_400_000_000
        started = time.thread_time()
        guessed.guess(name)
        return time.thread_time() - started

    for name in ("lan", "no-such-account"):
        seconds(name)
    taken = [(seconds("lan"), seconds("no-such-account")) for _ in range(15)]
    known, unknown = (min(each) for each in zip(*taken, strict=True))
    assert abs(known - unknown) / known < 0.10, (known, unknown)


def test_passwords_are_kept_by_argon2id_with_the_stated_cost(guessed: Guessed) -> None:
    assert HASHER.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_page_says_the_same_of_both(browser: OneBrowser, lan: Officer) -> None:
    said = {}
    for name in ("lan", "no-such-account"):
        answer = browser.sign_in(name, "sai mật khẩu này")
        said[name] = (answer.status_code, answer.text.replace(f'value="{name}"', ""))
    assert said["lan"] == said["no-such-account"]
    assert said["lan"][0] == 401


COMMON = (
    "q1w2e3r4t5y6", "1Q2W3E4R5T6Y", "password1234", "123456789987654321",
    "DanVanKheo@2026", "dân vận khéo 2026", "MatKhau123456!", "Ban Tuyên giáo 1", "UBND-Hanoi-2026",
)  # fmt: skip
"""The first four are among the most frequent of all breaches; the others are words of the office."""


def test_words_of_the_office_are_allowed_beside_enough_others() -> None:
    for password in (
        "dân vận khéo ở xã Hoà Bình",
        "mật khẩu này dài lắm nhé",
        "hanoi-rét-đậm-1946",
    ):
        assert not is_known(password)


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("ngắn quá", "ngắn quá"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"),
        ("mật khẩu của LAN đây", "mật khẩu của LAN đây"),
        (PASSWORD, PASSWORD + " "),
        ("x" * 100_000 + "abcdefgh", "x" * 100_000 + "abcdefgh"),
        *((common, common) for common in COMMON),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays(
    guessed: Guessed, password: str, again: str
) -> None:
    link = guessed.accounts.link("lan")
    with pytest.raises(LedgerError, match="weak_password"):
        guessed.accounts.set_password(link, password, again)
    guessed.accounts.set_password(link, "một mật khẩu dùng được", "một mật khẩu dùng được")


def test_accents_typed_by_another_keyboard_are_the_same_password(guessed: Guessed) -> None:
    apart = unicodedata.normalize("NFD", PASSWORD)
    assert apart != PASSWORD
    assert guessed.guess("lan", apart) == ("", 0)
