"""An officer signs in, sees whose session it is, and signs out; a session cannot be taken over."""

import re
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from tests.support.people_pages import OWN, PASSWORD, Officer, OneBrowser, accounts_in

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000


def test_an_officer_signs_in_and_sees_whose_session_it_is(
    browser: OneBrowser, lan: Officer
) -> None:
    assert browser.get("/signed-in").headers["location"] == "/sign-in?to=%2Fsigned-in&lang=vi"
    entered = browser.sign_in("  LAN ")
    assert (entered.status_code, entered.headers["location"]) == (303, "/signed-in")
    page = browser.get("/signed-in").text
    assert "Đang đăng nhập: lan" in page
    assert lan.officer_ref in page
    assert browser.get("/session").json() == {
        "officer_ref": lan.officer_ref,
        "user_name": "lan",
        "roles": [],
        "may": False,
        "is_held": False,
    }


def test_signing_out_ends_the_session_and_not_only_the_cookie(
    browser: OneBrowser, lan: Officer
) -> None:
    browser.sign_in("lan")
    token = browser.token
    browser.get("/signed-in")
    assert browser.form("/sign-out").status_code == 303
    assert browser.token == ""
    browser.carry(token)
    assert browser.get("/session").status_code == 401


def test_the_cookie_is_for_this_host_and_out_of_the_reach_of_scripts(browser: OneBrowser) -> None:
    kept = browser.sign_in("lan").headers["set-cookie"]
    assert re.fullmatch(r"dvk=[\w-]{43}; HttpOnly; Max-Age=28800; Path=/; SameSite=lax", kept), kept


def test_a_token_that_was_there_before_is_not_the_session_after_signing_in(
    browser: OneBrowser, lan: Officer, home: Path
) -> None:
    fixed = "A" * 43
    browser.carry(fixed)
    kept = browser.sign_in("lan").headers["set-cookie"]
    first = kept.removeprefix("dvk=").partition(";")[0]
    assert first != fixed
    browser.carry(first)
    browser.get("/signed-in")
    browser.sign_in("lan")
    browser.carry(first)
    assert browser.get("/session").status_code == 401  # the session before has ended


def test_only_the_digest_of_a_token_is_stored(browser: OneBrowser, home: Path) -> None:
    browser.sign_in("lan")
    token = browser.token
    with sqlite3.connect(home / "people.db") as stored:
        digests = {row[0] for row in stored.execute("SELECT token_digest FROM people_sessions")}
        dump = "\n".join(stored.iterdump())
    assert sha256(token.encode()).digest() in digests
    assert token not in dump
    assert PASSWORD not in dump


def test_an_officer_ends_all_sessions_of_all_machines(
    browser: OneBrowser, ledger: object, lan: Officer
) -> None:
    browser.sign_in("lan")
    other = browser.token
    browser.carry(None)
    browser.sign_in("lan")
    browser.get("/signed-in")
    browser.form("/sign-out", everywhere="1")
    browser.carry(other)
    assert browser.get("/session").status_code == 401


@pytest.mark.parametrize(
    ("to", "led"),
    [
        ("/pages/years?year=2022", "/pages/years?year=2022"),
        ("/lists/", "/lists/"),
        ("//evil.example/", "/signed-in"),
        ("/\\evil.example/", "/signed-in"),
        ("https://evil.example/", "/signed-in"),
        ("/ok\r\nSet-Cookie: x=y", "/signed-in"),
        ("javascript:alert(1)", "/signed-in"),
    ],
)
def test_sign_in_leads_to_addresses_of_this_host_only(
    browser: OneBrowser, to: str, led: str
) -> None:
    assert browser.sign_in("lan", to=to).headers["location"] == led


@pytest.mark.parametrize(
    ("idle", "step", "alive"),
    [(29 * MINUTE_US, 1, True), (30 * MINUTE_US, 1, False), (29 * MINUTE_US, 16, True), (29 * MINUTE_US, 17, False)],
)  # fmt: skip
def test_a_session_ends_after_30_idle_minutes_and_after_8_hours(
    tmp_path: Path, idle: int, step: int, alive: bool
) -> None:
    now = [1_000_000_000]
    database = PeopleDatabase(f"sqlite:///{tmp_path / 'people.db'}")
    sessions = Sessions(database, lambda: now[0])
    token = sessions.begin("o-" + "a" * 26, "lan")
    for _ in range(step - 1):
        now[0] += idle
        assert sessions.find(token) is not None
    now[0] += idle
    assert (sessions.find(token) is not None) is alive
    database.close()


def test_the_session_of_a_deleted_account_is_over(browser: OneBrowser, home: Path) -> None:
    with accounts_in(home) as accounts:
        accounts.add("minh")
        accounts.set_password(accounts.link("minh"), PASSWORD, PASSWORD)
        browser.sign_in("minh")
        assert browser.get("/session").status_code == 200
        accounts.remove("minh")
    assert browser.get("/session").status_code == 401


def test_a_link_sets_one_password_and_works_once(browser: OneBrowser, home: Path) -> None:
    with accounts_in(home) as accounts:
        accounts.add("hoa")
        older, link = accounts.link("hoa"), accounts.link("hoa")
    password = "câu thứ nhất, dài"
    assert browser.get(f"/sign-in/link?link={older}").status_code == 401  # a newer one was made
    assert "Tài khoản: hoa" in browser.get(f"/sign-in/link?link={link}").text
    short = browser.form("/sign-in/link", link=link, password="ngắn", again="ngắn")
    assert (short.status_code, "Mật khẩu phải có" in short.text) == (422, True)
    entered = browser.form("/sign-in/link", link=link, password=password, again=password)
    assert (entered.status_code, entered.headers["location"]) == (303, "/signed-in")
    browser.get("/signed-in")
    again = browser.form("/sign-in/link", link=link, password=PASSWORD, again=PASSWORD)
    assert again.status_code == 401
    browser.carry(None)
    assert browser.sign_in("hoa", password).status_code == 303


def test_a_new_password_ends_the_sessions_of_before(browser: OneBrowser, home: Path) -> None:
    with accounts_in(home) as accounts:
        accounts.add("sen")
        accounts.set_password(accounts.link("sen"), PASSWORD, PASSWORD)
        browser.sign_in("sen")
        accounts.set_password(accounts.link("sen"), PASSWORD + "!", PASSWORD + "!")
    assert browser.get("/session").status_code == 401


def test_a_form_without_the_token_of_its_session_is_refused(browser: OneBrowser) -> None:
    browser.sign_in("lan")
    browser.get("/signed-in")
    own = browser.form_token
    answer = browser.ask("POST", "/sign-out", data={"form_token": "x" * 43}, headers=OWN)
    assert (answer.status_code, answer.json()["code"]) == (403, "form_expired")
    assert browser.get("/session").status_code == 200
    assert (
        browser.ask("POST", "/sign-out", data={"form_token": own}, headers=OWN).status_code == 303
    )
