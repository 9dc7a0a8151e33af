"""`dvk account` in a terminal: what it prints is what the operator hands on."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.console.main import app
from tests.support.cloudevents import country
from tests.support.people_pages import PASSWORD, accounts_in, sessions_in
from tests.support.scenarios import given
from tests.support.trusted import REALM, ROOTS, began, key_of, taken


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("COLUMNS", "200")
    environment = {
        "DVK_HOME": str(tmp_path),
        "DVK_PUBLIC_URL": "https://ledger.example.vn",
        "LC_ALL": "en",
    }

    def running(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["account", *words], env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        return done.exit_code, done.output

    return running


def test_an_account_from_its_first_link_to_its_end(run: object, tmp_path: Path) -> None:
    assert callable(run)
    code, said = run("add", "Lan")
    (link,) = re.findall(r"https://ledger\.example\.vn/sign-in/link\?link=(\S+)", said)
    (reference,) = re.findall(r"o-[a-z2-7]{26}", said.partition("\n")[0])[:1]
    assert code == 0
    with accounts_in(tmp_path) as accounts:
        accounts.set_password(link, PASSWORD, PASSWORD)
    assert run("add", "lan")[0] == 1
    listed = run("list")[1]
    assert reference in listed
    assert "set" in listed
    with sessions_in(tmp_path) as sessions:
        tokens = [sessions.begin(reference, "lan") for _ in range(2)]
        assert "Sessions ended: 2." in run("sign-out", "lan")[1]
        assert [sessions.find(each) for each in tokens] == [None, None]
        sessions.begin(reference, "lan")
        assert "Sessions ended: 1." in run("sign-out", reference)[1]
        given = run("token", "lan", "--days", "30")[1].split()[-1]
        found = sessions.of_token(given)
        assert found is not None
        assert found.officer_ref == reference
        assert run("remove", "lan")[0] == 0
        assert sessions.of_token(given) is None
    for command in ("link", "token", "sign-out", "remove"):
        code, said = run(command, "lan")
        assert (code, "There is no account lan." in said) == (1, True)
    assert run("add", "Lan Trần")[0] == 1


def test_a_program_gets_a_token_and_its_roles_by_signed_events(run: object, tmp_path: Path) -> None:
    assert callable(run)
    code, said = run("token", "prometheus", "--add")
    reference = re.findall(r"o-[a-z2-7]{26}", said)[0]
    assert code == 0
    assert "link" not in said
    first = said.split()[-1]
    second = run("token", "prometheus", "--add")[1].split()[-1]  # there is one: no other is made
    with sessions_in(tmp_path) as sessions:
        found = sessions.of_token(second)
        assert found is not None
        assert found.officer_ref == reference
        assert sessions.of_token(first) is None
    key, out = tmp_path / "root.key", tmp_path / "roles.jsonl"
    key_of(ROOTS[0]).save(key)
    by = ("--as", ROOTS[0], "--key", str(key), "--realm", REALM, "--out", str(out))
    named = ("prometheus", "operator", "vn")
    assert run("grant", *named, "--from", "2026-01-01", *by)[0] == 0
    assert run("end-role", reference, *named[1:], "--reason", "x", *by)[0] == 0
    assert run("grant", "no-such-name", *named[1:], *by)[0] == 1
    assert run("grant", "prometheus", "emperor", "vn", *by)[0] == 2
    history = given(country(), began())
    granted, ended = (taken(json.loads(line)) for line in out.read_text("utf-8").splitlines())
    for event in (granted, ended):
        history.given(event)
        assert event.subject == f"officer/{reference}"
    said_of = {"officer_ref": reference, "role": "operator", "unit_id": "vn"}
    assert {**said_of, "valid_from": "2026-01-01"}.items() <= json.loads(granted.body)[
        "data"
    ].items()
    assert {**said_of, "reason": "x"}.items() <= json.loads(ended.body)["data"].items()
