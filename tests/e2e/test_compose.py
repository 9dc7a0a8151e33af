"""docker-compose.yml in real containers, by the commands of docs/operations.md, word for word."""

import json
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.certificates import certificate
from tests.support.cloudevents import cloudevent, registration
from tests.support.compose_site import OFFLINE, REPOSITORY, ComposeSite, missing, steps
from tests.support.people_pages import OWN, PASSWORD

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(bool(missing()), reason=missing() or "everything is there"),
]
REALM = "compose.example"
RECORDED = re.compile(r"position (\d+) \(event ([0-9a-f-]+)\)")
COMMITS_BEFORE = 30
"""The image before is that of so many commits ago."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeSite]:
    """Bring the ledger up by the steps of the runbook, from the image before, until it is ready."""
    site = ComposeSite(tmp_path_factory.mktemp("site"))
    try:
        _begin(site)
        yield site
    finally:
        site.run("docker compose --profile ha down --volumes || true")


def _begin(site: ComposeSite) -> None:
    site.run(str(OFFLINE / "images.sh"), seconds=900)
    old = ComposeSite(site.folder.with_name("before"))
    old.folder.mkdir()
    old.fill(_commit_before())
    old.run(
        "podman build --quiet --network host --pull=never --volume /etc/ssl/certs:/etc/ssl/certs:ro"
        " --tag dan-van-kheo-ledger --file deploy/Dockerfile ."
    )
    site.fill()
    copy, _build, first = steps("In a data centre")[:3]
    site.run(copy.split("  ")[0])
    secrets = re.findall(r"^(\w+_PASSWORD)=$", (site.folder / ".env").read_text(), re.MULTILINE)
    site.set(**{name: f"{name.lower().replace('_', '')}1" for name in secrets})
    site.set(DVK_ORIGIN="compose.example/ledger")
    site.override()
    site.run("docker compose --profile ha down --volumes || true")  # of a run that was ended
    site.run(first)

    step = iter(steps("Beyond this machine"))
    (site.folder / "keys").mkdir()
    for number in (1, 2, 3):
        site.run(f"dvk key new keys/root-{number}.key")
    begun = site.run(next(step).replace("dvk.example", REALM))
    (trust,) = re.findall(r"DVK_TRUST=([0-9a-f]{64})", begun)
    site.set(DVK_TRUST=trust, DVK_REALM=REALM)
    site.more["DVK_REALM"] = REALM
    site.run("docker compose up --detach")
    site.until_ready("registry", "evaluation", "reporting")

    site.run(next(step))  # the map
    site.run(next(step))  # the desk's key, and the request for it
    site.run(next(step))
    _approved(site, "dvk-lists", next(step))
    _approved(site, "dvk-lists", next(step))

    assert next(step).startswith("mkdir")
    site.run("mkdir -m 700 tokens")
    references: list[str] = []
    for _ in ("prometheus", "desk", "doctor", "lan"):
        said = site.run(next(step))
        references += re.findall(r"officer reference (o-\w+)", said)
        if "token desk" in said or "of desk" in said:
            site.set(DVK_LISTS_TOKEN=said.split()[-1])
        if "of doctor" in said:
            site.more["DVK_TOKEN"] = said.split()[-1]
        site.more.update(
            {"LINK": link[0]} if (link := re.findall(r"/sign-in/link\S+", said)) else {}
        )
    operator, reader = next(step), next(step)
    for reference in (references[0], references[2], references[3]):
        site.run(operator.replace("o-…", reference))
    site.run(reader.replace("o-…", references[1]))
    site.run(reader.replace("o-…", references[3]).replace("reader", "clerk"))
    site.set(PROMETHEUS_TOKEN="./tokens/prometheus")
    site.run("docker compose up --detach")
    site.until_ready("registry", "evaluation", "reporting")
    for command in ("dvk key new p.key", "dvk key request p.key province > p.json"):
        site.run(command)
    by = "--as root-1 --key keys/root-1.key"
    _approved(site, "province", f"dvk trust authorize province vn --from 2000-01-01 {by}")
    _approved(site, "province", f"dvk trust add-key p.json {by}")


def _commit_before() -> str:
    git = ["git", "rev-list", "--max-count=1", f"--skip={COMMITS_BEFORE}", "HEAD"]
    found = subprocess.run(git, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    if not found:
        pytest.skip(f"this clone has no commit of {COMMITS_BEFORE} commits ago to upgrade from")
    return found.strip()


def _approved(site: ComposeSite, publisher: str, command: str) -> None:
    """Send an authority event of one root, and the approval of another."""
    sent = RECORDED.search(site.run(command))
    assert sent is not None
    site.run(
        f"dvk trust approve {publisher} {sent[2]} --sent-by root-1 --as root-2 --key keys/root-2.key"
    )


def _published(site: ComposeSite, name: str, count: int) -> "subprocess.Popen[str]":
    """Begin to publish so many registrations, by the command of a publisher."""
    events = [
        cloudevent(
            "ModelRegistered", registration(f"{name}-{number}"), source="/publishers/province"
        )
        for number in range(count)
    ]
    lines = "".join(f"{json.dumps(event)}\n" for event in events)
    (site.folder / f"{name}.jsonl").write_text(lines, "utf-8")
    return site.shell(f"dvk publish {name}.jsonl --key p.key")


def _ended(publishing: "subprocess.Popen[str]") -> None:
    printed, said = publishing.communicate(timeout=300)
    assert publishing.returncode == 0, printed + said


def _registered(site: ComposeSite, position: int) -> int:
    answer = site.get("/summaries/national", params={"year": 2022, "known_at": position})
    assert answer.status_code == 200, answer.text
    figure: int = answer.json()["measures"]["registered"]
    return figure


def test_an_upgrade_replaces_the_containers_and_the_proxy_finds_the_new_ones(
    site: ComposeSite,
) -> None:
    head, proxy = site.head(), site.inspect("proxy", ".Id")
    image = site.inspect("registry", ".Image")
    *upgrade, doctor = steps("Upgrade")
    for command in upgrade:
        site.run(command)
    site.until_ready()
    assert site.inspect("registry", ".Image") != image
    assert site.inspect("proxy", ".Id") == proxy
    assert site.head() == head
    assert (site.folder / "before.dump").read_bytes().startswith(b"PGDMP")
    site.run(doctor)


def test_what_is_published_is_read_and_officers_sign_in(site: ComposeSite) -> None:
    before, counted = site.head(), _registered(site, site.head())
    _ended(_published(site, "first", 20))
    assert site.head() == before + 20
    assert _registered(site, site.head()) == counted + 20
    with httpx.Client(base_url=site.address, trust_env=False, timeout=30) as browser:
        assert browser.get("/lists/").status_code == 401
        secret = site.more["LINK"].partition("=")[2]
        fields = {"link": secret, "password": PASSWORD, "again": PASSWORD}
        assert browser.post("/sign-in/link", data=fields, headers=OWN).status_code == 303
        desk = browser.get("/lists/")
        assert desk.status_code == 200, desk.text
        assert "<h1" in desk.text


def test_prometheus_and_the_doctor_read_with_their_tokens(site: ComposeSite) -> None:
    def scraped() -> bool:
        answer = httpx.get(f"http://localhost:{site.prometheus}/api/v1/targets", trust_env=False)
        targets = answer.json()["data"]["activeTargets"]
        return len(targets) == 4 and all(each["health"] == "up" for each in targets)

    site.until(scraped, "Prometheus reads all four services")
    site.run(steps("Upgrade")[-1])


def test_a_service_that_is_killed_comes_back_and_nothing_is_lost_or_doubled(
    site: ComposeSite,
) -> None:
    before, counted = site.head(), _registered(site, site.head())
    publishing = _published(site, "killed", 3000)
    site.until(lambda: site.head() > before, "the first events are stored")
    site.kill("registry")
    site.kill("postgres")
    _ended(publishing)
    site.until_ready()
    assert site.head() == before + 3000
    assert _registered(site, site.head()) == counted + 3000
    assert site.inspect("registry", ".RestartCount") != "0"


def test_of_the_second_processes_either_goes_on_alone(site: ComposeSite) -> None:
    site.override(second=True)
    page = (REPOSITORY / "docs/scale.md").read_text("utf-8")
    (command,) = re.findall(r"^(docker compose --profile ha up --detach)$", page, re.MULTILINE)
    site.run(command)
    site.until_ready()
    names = site.run("podman exec dan-van-kheo-ledger_proxy_1 getent ahosts registry")
    assert len({line.split()[0] for line in names.splitlines() if line}) == 2
    before = site.head()
    publishing = _published(site, "second", 1000)
    site.until(lambda: site.head() > before, "the first events are stored")
    site.run("docker compose --profile ha stop registry reporting")
    _ended(publishing)
    site.until_ready()
    assert site.head() == before + 1000
    site.run("docker compose --profile ha start registry reporting")
    site.run("docker compose --profile ha stop registry-2 evaluation-2 reporting-2")
    site.until_ready()


def test_for_other_machines_it_starts_with_trust_and_tls_only(
    site: ComposeSite, tmp_path: Path
) -> None:
    (command,) = [each for each in steps("Beyond this machine") if "docker-compose.tls.yml" in each]
    site.override(tls=True)
    command = command.replace("tls.yml", "tls.yml --file docker-compose.override.yml")
    file, _ = certificate(tmp_path, "localhost")
    shutil.copy(file, site.folder / "certificate.pem")
    shutil.copy(file.with_suffix(".key"), site.folder / "key.pem")
    (site.folder / "key.pem").chmod(0o644)
    trust = re.findall(r"^DVK_TRUST=(.*)$", (site.folder / ".env").read_text(), re.MULTILINE)[0]
    site.set(DVK_TRUST="", PUBLIC_HOST="localhost")
    site.set(TLS_CERTIFICATE="./certificate.pem", TLS_KEY="./key.pem")
    assert "begin trust first" in site.run(command, code=1)
    refused = site.run("docker compose run --rm --no-deps -T registry", code=1)
    assert trust in refused  # a service says what it should be pinned to
    site.set(DVK_TRUST=trust)
    site.run(command)
    site.until_ready()
    over_tls = f"https://localhost:{site.tls_port}"
    with httpx.Client(
        verify=ssl.create_default_context(cafile=file),
        base_url=over_tls,
        trust_env=False,
        timeout=30,
    ) as client:
        assert client.get("/summaries/national", params={"year": 2022}).status_code == 200
        assert client.get("/metrics").status_code == 401
        unsigned = cloudevent("ModelRegistered", registration("unsigned"))
        kind = {"Content-Type": "application/cloudevents+json"}
        sent = client.post("/registry/events", json=unsigned, headers=kind)
        assert (sent.status_code, sent.json()["code"]) == (401, "unsigned")


def test_the_log_is_backed_up_and_restored_into_a_lost_database(site: ComposeSite) -> None:
    site.override()
    back_up, restore = steps("Back up and restore")
    at, counted = site.head(), _registered(site, site.head())
    site.run(back_up)
    _ended(_published(site, "late", 50))  # lost with the database, and sent again afterwards
    site.run("docker compose down")
    site.run("podman volume rm dan-van-kheo-ledger_postgres")
    site.set(DVK_ORIGIN="compose.example/ledger-2")
    site.run("docker compose up --detach postgres redis database")
    site.run(restore)
    site.run("docker compose up --detach")
    site.until_ready()
    assert site.head() == at
    assert _registered(site, at) == counted
    _ended(site.shell("dvk publish late.jsonl --key p.key"))
    assert site.head() == at + 50
    assert _registered(site, site.head()) == counted + 50
    site.run(f"{steps('Upgrade')[-1]} --deep")


def test_down_leaves_the_volumes_and_nothing_else(site: ComposeSite) -> None:
    site.run("docker compose down")
    left = site.run("podman ps --all --quiet --filter label=io.podman.compose.project 2>/dev/null")
    assert left == ""
    assert "dan-van-kheo-ledger_postgres" in site.run("podman volume ls --quiet")
