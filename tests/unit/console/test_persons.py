"""`dvk persons` without a desk, with wrong options, and with a ledger that does not answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.console.main import app
from services.console.persons import actions
from services.lists.persons.erasure import Erasures
from shared.client.delivery import Undeliverable
from shared.clock import system_clock
from shared.settings import Settings
from shared.trust.signing import Signer
from tests.support.kept_persons import NAME, kept
from tests.support.small_desk import vault_in
from tests.support.trusted import REALM, key_of

ERASE = "persons erase {} --ground request --requested-on 2026-03-02 --address 127.0.0.1:1"
Run = Callable[[str], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("DVK_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def running(line: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, line.split(), env={"LC_ALL": "C.UTF-8"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return running


def test_where_no_desk_is_nothing_is_made(run: Run, tmp_path: Path) -> None:
    code, said = run(ERASE.format(f"p-{'a' * 26}"))
    assert (code, "lists.key" in said) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("persons erase p-1 --ground why --requested-on 2026-03-02", "consent_withdrawn"),
        ("persons erase p-1 --ground request --requested-on 02/03/2026", "năm-tháng-ngày"),
        ("persons show p-1 --reason lý", "8"),
        ("persons hold p-1 --ground Luật", "mã cá nhân"),
    ],
)
def test_wrong_options_are_named(run: Run, tmp_path: Path, line: str, expected: str) -> None:
    with vault_in(tmp_path):
        code, said = run(line)
    assert (code, expected in said) == (2, True), said


def test_a_person_is_erased_even_if_the_ledger_is_away_and_it_is_published_later(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Undeliverable("nobody answers")

    monkeypatch.setattr(actions, "addresses_at", away)
    with vault_in(tmp_path) as vault:
        reference = kept(vault)
        code, said = run(f"persons show {reference} --reason Hồ_sơ_số_12")
        assert (code, NAME in said) == (0, True)
        code, said = run(ERASE.format(reference))
        assert (code, "dvk persons publish" in said) == (3, True), said
        assert NAME not in said
        assert vault.names([reference]) == {}
        (left,) = Erasures(vault, system_clock).unpublished()
        assert left.person_ref == reference
        assert run("persons publish --address 127.0.0.1:1")[0] == 3
        code, said = run("persons look-ups")
        assert (code, reference in said, NAME in said) == (0, True, False)


def test_once_trust_began_nothing_is_erased_without_a_key_to_publish_it(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "trust").write_text("0" * 64, "ascii")
    with vault_in(tmp_path) as vault:
        reference = kept(vault)
        for publisher in ("dvk-lists", "another"):
            code, said = run(f"{ERASE.format(reference)} --as {publisher}")
            assert (code, f"--key, khóa của {publisher}" in said) == (2, True), said
        assert list(vault.names([reference])) == [reference]


def test_once_trust_began_an_erasure_is_signed_with_the_key_of_the_desk(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    settings.trust_file.write_text("0" * 64, "ascii")
    settings.realm_file.write_text(REALM, "ascii")
    settings.signing_key.parent.mkdir()
    key_of("dvk-lists").save(settings.signing_key)
    signer = actions.Sending("dvk-lists", None, None, "").signer(settings)
    assert signer == Signer(key_of("dvk-lists"), REALM)
