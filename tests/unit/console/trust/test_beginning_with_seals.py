"""`dvk trust begin` states who seals the log and who must cosign, so that audits ask for it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.console.main import app
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.eventlog.sql import open_log
from shared.events.payloads.authority import TrustBegan
from shared.settings import Settings
from shared.trust.keys import SecretKey
from shared.trust.notes import ED25519, VerifierKey
from shared.trust.policy import Policy
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.served_seals import POLICY, VKEY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A log with a country, on this machine."""
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path / "home")})
    settings.home.mkdir()
    log = open_log(settings.log_url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.submit([country()])
    appender.step()
    log.close()
    return settings


def begin(settings: Settings, *words: str) -> Result:
    environment = {"DVK_HOME": str(settings.home), "DVK_REALM": "test.example"}
    return CliRunner().invoke(app, ["trust", "begin", *words], env=environment)


def stated(settings: Settings) -> TrustBegan:
    log = open_log(settings.log_url, family=Family.REPORTING)
    (event,) = log.streams([TrustBegan.STREAM])
    log.close()
    assert isinstance(event.payload, TrustBegan)
    return event.payload


def test_on_one_machine_the_key_of_its_sealer_is_stated(settings: Settings) -> None:
    key = SecretKey.kept_at(settings.seal_key)
    assert begin(settings).exit_code == 0
    vkey = str(VerifierKey(settings.origin, ED25519, key.public))
    assert (stated(settings).checkpoint_keys, stated(settings).witness_policy) == ([vkey], None)


def test_a_log_that_no_sealer_has_begun_states_no_key(settings: Settings) -> None:
    assert begin(settings).exit_code == 0
    assert stated(settings).checkpoint_keys is None
    assert not settings.seal_key.exists()


def test_keys_and_a_policy_are_stated_as_given(settings: Settings, tmp_path: Path) -> None:
    SecretKey.kept_at(settings.seal_key)
    policy = tmp_path / "policy"
    policy.write_text(f"{POLICY}\n")
    assert begin(settings, "--vkey", VKEY, "--policy", str(policy)).exit_code == 0
    began = stated(settings)
    assert began.checkpoint_keys == [VKEY]
    assert Policy.parse(began.witness_policy or "") == Policy.parse(POLICY)


def test_a_policy_or_key_that_cannot_be_read_begins_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    policy = tmp_path / "policy"
    policy.write_text("quorum\n")
    assert begin(settings, "--policy", str(policy)).exit_code == 2
    assert begin(settings, "--vkey", "x").exit_code == 2
    log = open_log(settings.log_url, family=Family.REPORTING)
    assert log.head().position == 1
    log.close()
