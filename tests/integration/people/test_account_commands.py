"""`dvk account` in a terminal: what it prints is what the operator hands on."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.console.main import app
from tests.support.people_pages import PASSWORD, accounts_in, sessions_in


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
