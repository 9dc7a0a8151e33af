"""docs/operations.md, Trust: on one machine the list desk goes on working when trust begins."""

from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest

from services.console.trust.beginning import Machine, begin, roots_of_one_machine
from services.lists.app import worker_of
from services.lists.uploads.desk_signer import DeskSigner, signer_of
from services.lists.uploads.events import PUBLISHER, SOURCE
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.client.addresses import on_ports
from shared.clock import system_clock
from shared.errors import BrokenContract
from shared.eventlog.sql import open_log
from shared.events.acceptance.receive import Invalid
from shared.settings import Settings
from shared.trust.authority import Authority
from shared.trust.signature_check import SignatureCheck
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country, registration
from tests.support.trusted import taken

REALM = "test.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a machine whose log has a country."""
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    log = open_log(settings.log_url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    answer = appender.submit([country()])
    appender.step()
    answer.result()
    log.close()
    return settings


def begun(settings: Settings) -> Settings:
    """Begin trust as `dvk trust begin` does, and return what `dvk up` starts the desk with."""
    ((root, key),) = (roots := roots_of_one_machine(settings)).items()
    digest = begin(settings, REALM, roots, 1)
    Machine(settings, REALM, root, key, "vn").authorize_desk()
    environment = {"DVK_HOME": str(settings.home), "DVK_TRUST": digest, "DVK_REALM": REALM}
    return Settings.from_environment(environment)


def authority_of(settings: Settings) -> Authority:
    log = open_log(settings.log_url, family=Family.REGISTRY)
    authority = Authority()
    authority.fold(log.under("trust/", "publisher/"))
    log.close()
    return authority


def test_the_desk_signs_only_where_trust_is_pinned(settings: Settings) -> None:
    begun(settings)
    assert settings.signing_key.exists()
    settings.trust_file.unlink()
    assert signer_of(replace(settings, realm=REALM)) is None


def test_the_desk_signs_with_a_key_of_its_own_that_is_authorised(settings: Settings) -> None:
    with_trust = begun(settings)
    authority = authority_of(settings)
    (key,) = authority.live_keys(PUBLISHER)
    (right,) = authority.grants_of(PUBLISHER)
    assert right.unit_id == "vn"
    signer = signer_of(with_trust)
    assert signer is not None
    assert signer.key.key_id == key.key_id
    assert with_trust.signing_key != with_trust.lists_key
    assert with_trust.signing_key.stat().st_mode & 0o077 == 0
    event = cloudevent("ModelRegistered", registration("1"), source=SOURCE)
    (line,) = signer.signed([orjson.dumps(event)])
    (checked,) = SignatureCheck(lambda: authority, lambda: None).check([taken(orjson.loads(line))])
    assert not isinstance(checked, Invalid)


def test_a_running_desk_signs_from_the_beginning_of_trust_on(settings: Settings) -> None:
    with httpx.Client() as client:
        worker = worker_of(settings, client, on_ports("127.0.0.1", 1), system_clock)
    desk = worker.delivery.signer
    assert desk is not None
    event = orjson.dumps(cloudevent("ModelRegistered", registration("1"), source=SOURCE))
    assert desk.signed([event]) == [event]
    begun(settings)
    (line,) = desk.signed([event])
    authority = authority_of(settings)
    (checked,) = SignatureCheck(lambda: authority, lambda: None).check([taken(orjson.loads(line))])
    assert not isinstance(checked, Invalid)
    worker.store.close()


def test_the_next_start_finds_pin_and_realm(settings: Settings) -> None:
    with_trust = begun(settings)
    assert settings.trust_file.read_text("ascii").strip() == with_trust.trust
    assert settings.realm_file.read_text("ascii").strip() == REALM


def test_a_key_that_others_may_read_is_not_used(settings: Settings) -> None:
    with_trust = begun(settings)
    with_trust.signing_key.chmod(0o640)
    with pytest.raises(BrokenContract, match="chmod 600"):
        DeskSigner(with_trust)
