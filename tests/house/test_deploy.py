"""What the data centre is given is whole and consistent; no engine is needed to see that."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import Settings

SERVICES = {"reporting": 8080, "registry": 8081, "evaluation": 8082}
WITH_THE_DESK = {**SERVICES, "lists": 8083}
PROJECT = "dan-van-kheo-ledger"
"""The image of everything that is ours."""
LATER = {"DVK_TRUST", "DVK_REALM", "DVK_LISTS_TOKEN"}
"""What is known only after the first start."""


@pytest.fixture(scope="module")
def compose(repository: Path) -> dict[str, Any]:
    loaded = yaml.safe_load((repository / "docker-compose.yml").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def containers(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(compose["services"])


def test_the_compose_files_keep_the_compose_specification(repository: Path) -> None:
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    files = sorted(file.name for file in repository.glob("docker-compose*.yml"))
    assert len(files) > 1
    command = [checker, "--builtin-schema", "vendor.compose-spec", *files]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_three_services_are_one_image_and_run_their_own_module(
    containers: dict[str, dict[str, Any]],
) -> None:
    assert {containers[name]["image"] for name in SERVICES} == {PROJECT}
    # Built by one of them: each that asks for a build would build the same again.
    assert [name for name, c in containers.items() if "build" in c] == ["database"]
    for name in SERVICES:
        assert containers[name]["command"] == ["python", "-m", f"services.{name}"]


def test_each_service_signs_in_as_its_own_role(containers: dict[str, dict[str, Any]]) -> None:
    for name in SERVICES:
        address = containers[name]["environment"]["DATABASE_URL"]
        assert address.startswith(f"postgresql://dvk_{name}:")
    owners = [name for name, c in containers.items() if "dvk_owner:" in str(c.get("environment"))]
    assert owners == ["database"]


def test_the_sealer_has_its_own_role_and_files_and_reaches_nothing_else(
    containers: dict[str, dict[str, Any]],
) -> None:
    sealer = containers["sealer"]
    assert sealer["command"] == ["python", "-m", "services.sealer"]
    assert sealer["environment"]["DATABASE_URL"].startswith("postgresql://dvk_sealer:")
    assert set(sealer["environment"]) == {"DATABASE_URL", "DVK_HOME", "DVK_ORIGIN"}
    assert sealer["volumes"] == ["sealer:/state"]  # the key is in no other container
    assert {n for n, c in containers.items() if "sealer:/state" in c.get("volumes", ())} == {
        "sealer"
    }
    origins = {containers[name]["environment"]["DVK_ORIGIN"] for name in ("reporting", "sealer")}
    assert len(origins) == 1


def test_everything_published_is_published_on_loopback(
    containers: dict[str, dict[str, Any]],
) -> None:
    published = [port for c in containers.values() for port in c.get("ports", [])]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    assert {name for name, c in containers.items() if "ports" in c}.isdisjoint(SERVICES)


def test_every_container_that_goes_on_has_a_health_check(
    containers: dict[str, dict[str, Any]],
) -> None:
    assert {name for name, c in containers.items() if "healthcheck" not in c} == {"database"}
    for name, port in SERVICES.items():
        assert f":{port}/readyz" in str(containers[name]["healthcheck"]["test"])


def test_what_the_services_wait_for_is_ready(containers: dict[str, dict[str, Any]]) -> None:
    for name in SERVICES:
        waits = {key: value["condition"] for key, value in containers[name]["depends_on"].items()}
        assert waits == {
            "database": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


def test_every_mounted_file_exists(repository: Path, containers: dict[str, dict[str, Any]]) -> None:
    mounted = [
        volume.split(":")[0]
        for c in containers.values()
        for volume in c.get("volumes", [])
        if volume.startswith("./")
    ]
    assert mounted
    assert [path for path in mounted if not (repository / path).exists()] == []


def test_every_secret_is_asked_for_and_none_is_written_down(repository: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (repository / "docker-compose.yml").read_text("utf-8")))
    example = (repository / "deploy/env.example").read_text("utf-8")
    empty = set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    assert empty == asked | LATER
    files = repository.glob("docker-compose*.yml")
    written = "".join(file.read_text("utf-8") for file in files)
    # None of these has a value here, or one that opens anything.
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", written))
    assert set(defaults.values()) <= {"", "/dev/null", "localhost", "localhost/ledger"}
    others = set(re.findall(r"\$\{(\w+)\W", written))
    assert [
        name for name in others if not re.search(rf"^(# )?{name}=", example, re.MULTILINE)
    ] == []
    assert ".env" in (repository / ".gitignore").read_text("utf-8").splitlines()


def test_the_image_runs_without_root_and_copies_what_exists(repository: Path) -> None:
    lines = (repository / "deploy/Dockerfile").read_text("utf-8").splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    (user,) = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert user not in {"root", "0"}
    sources = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert [source for source in sources if not (repository / source).exists()] == []
    allowed = (repository / ".dockerignore").read_text("utf-8").splitlines()
    assert [source for source in sources if f"!{source}" not in allowed] == []


def test_no_container_has_root_a_capability_or_a_file_system_to_write(
    containers: dict[str, dict[str, Any]], repository: Path
) -> None:
    image = (repository / "deploy/Dockerfile").read_text("utf-8")
    own = re.findall(r"^USER (\d+)$", image, re.MULTILINE)[-1]
    for name, container in containers.items():
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert not {"cap_add", "privileged", "pid", "network_mode", "devices"} & set(container), (
            name
        )
        user = own if container["image"] == PROJECT else container["user"].partition(":")[0]
        assert user.isdigit(), name
        assert int(user) > 0, name
        assert "/var/run/docker.sock" not in str(container), name


def test_what_trust_needs_reaches_the_services_that_need_it(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name in WITH_THE_DESK:
        environment = containers[name]["environment"]
        assert environment["DVK_TRUST"] == "${DVK_TRUST:-}"
        assert environment["DVK_REALM"] == "${DVK_REALM:-}"
        assert environment["DVK_PUBLIC_URL"] == "${DVK_PUBLIC_URL:-}"
        assert environment["DVK_REQUIRE_SIGN_IN"] == "1"
    desk, reporting = containers["lists"], containers["reporting"]
    assert desk["environment"]["DVK_TOKEN"] == "${DVK_LISTS_TOKEN:-}"
    # Each key is in one volume, which no other container has.
    assert desk["environment"]["DVK_DESK_KEY"].startswith("/state/")
    assert desk["volumes"] == ["lists:/state"]
    assert [n for n, c in containers.items() if "lists:/state" in c.get("volumes", ())] == ["lists"]
    assert reporting["environment"]["DVK_WITNESS_POLICY"] == "${WITNESS_POLICY:+/witness-policy}"
    policy = "${WITNESS_POLICY:-/dev/null}:/witness-policy:ro"
    assert reporting["volumes"] == [policy, "forward:/state:ro"]


def test_a_province_is_forwarded_by_a_container_whose_state_its_page_reads(
    containers: dict[str, dict[str, Any]], compose: dict[str, Any]
) -> None:
    forward, reporting = containers["forward"], containers["reporting"]
    assert forward["profiles"] == ["forward"], "only where it is asked for"
    program, command, *options = forward["command"]
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert (program, command) == ("dvk", "forward")
    assert given["--from"] == "http://proxy:8080"
    assert f"${{FORWARD_KEY:-/dev/null}}:{given['--key']}:ro" in forward["volumes"]
    assert {"--to", "--as"} <= set(given)
    assert forward["networks"] == ["inside", "outside"], "the nation is beyond this machine"
    mounted = {name: c["environment"]["DVK_HOME"] for name, c in (("f", forward), ("r", reporting))}
    assert f"forward:{mounted['f']}" in forward["volumes"]
    assert f"forward:{mounted['r']}:ro" in reporting["volumes"]
    assert "forward" in compose["volumes"]
    assert set(forward["environment"]) == {"DVK_HOME", "DVK_TOKEN"}, "no password of the database"


def test_for_other_machines_there_is_no_start_without_trust_a_name_and_tls(
    repository: Path,
) -> None:
    text = (repository / "docker-compose.tls.yml").read_text("utf-8")
    added = dict(yaml.safe_load(text)["services"])
    assert {*WITH_THE_DESK, "proxy"} <= set(added)
    for name in set(added) - {"proxy"}:
        stated = added[name]["environment"]
        assert all(":?" in stated[each] for each in ("DVK_TRUST", "DVK_REALM", "DVK_PUBLIC_URL"))
        assert stated["DVK_PUBLIC_URL"].startswith("https://")
        assert stated["DVK_REQUIRE_SIGN_IN"] == "1"
    assert added["proxy"]["ports"] == ["443:8443"]
    tls = (repository / "deploy/proxy/tls.conf").read_text("utf-8")
    assert re.findall(r"listen (.+);", tls) == ["8443 ssl"]
    assert "ssl_protocols TLSv1.3;" in tls
    for volume in added["proxy"]["volumes"]:
        assert volume.endswith(":ro")
        if volume.startswith("./"):
            assert (repository / volume.partition(":")[0]).is_file()


def test_the_services_answer_under_every_name_that_the_deployment_asks_for(
    repository: Path, containers: dict[str, dict[str, Any]]
) -> None:
    scraped = (repository / "deploy/prometheus/prometheus.yml").read_text("utf-8")
    runbook = (repository / "docs/operations.md").read_text("utf-8")
    asked = set(re.findall(r'targets: \["(\w+):', scraped))
    assert asked == set(WITH_THE_DESK)
    asked |= set(re.findall(r"--address http://(\w+):", runbook))
    assert "proxy" in asked
    for name in WITH_THE_DESK:
        environment = containers[name]["environment"] | {"REDIS_URL": ""}
        filled = environment["DVK_ALLOWED_HOSTS"].replace("${PUBLIC_HOST:-localhost}", "ledger.vn")
        hosts = Settings.from_environment({**environment, "DVK_ALLOWED_HOSTS": filled}).hosts
        assert {*asked, "ledger.vn", "localhost", "127.0.0.1"} <= hosts
    # The proxy hands on the name that it was asked under, with the port: publishers sign both.
    conf = (repository / "deploy/proxy/nginx.conf").read_text("utf-8")
    assert "proxy_set_header Host $http_host;" in conf


def test_redis_keeps_a_file_and_throws_nothing_away(repository: Path) -> None:
    lines = (repository / "deploy/redis/redis.conf").read_text("utf-8").splitlines()
    settings = dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"


def test_prometheus_asks_every_service_with_its_token(
    repository: Path, containers: dict[str, dict[str, Any]]
) -> None:
    loaded = yaml.safe_load((repository / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    targets = {
        target
        for job in loaded["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }
    assert targets == {f"{name}:{port}" for name, port in WITH_THE_DESK.items()}
    (token,) = {job["authorization"]["credentials_file"] for job in loaded["scrape_configs"]}
    mounted = f"${{PROMETHEUS_TOKEN:-/dev/null}}:{token}:ro"
    assert mounted in containers["prometheus"]["volumes"]
    for name in loaded["rule_files"]:
        assert (repository / "deploy/prometheus" / name).is_file()


def test_dashboard_and_alarms_ask_for_documented_metrics_only(repository: Path) -> None:
    page = (repository / "docs/metrics.md").read_text("utf-8")
    documented = set(re.findall(r"`(dvk_\w+)`", page))
    dashboard = json.loads(
        (repository / "deploy/grafana/dashboards/ledger.json").read_text("utf-8")
    )
    alarms = yaml.safe_load((repository / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    asked += [rule["expr"] for group in alarms["groups"] for rule in group["rules"]]
    used = {name for expression in asked for name in re.findall(r"\bdvk_\w+", expression)}
    plain = {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in used}
    assert used
    assert {name for name in plain if name not in documented} == set()


def test_the_dashboards_read_from_the_provisioned_sources(repository: Path) -> None:
    folder = repository / "deploy/grafana"
    files = (folder / "provisioning/datasources").glob("*.yml")
    sources = [yaml.safe_load(file.read_text("utf-8")) for file in files]
    known = {source["uid"] for each in sources for source in each["datasources"]}
    dashboards = [json.loads(f.read_text("utf-8")) for f in (folder / "dashboards").glob("*.json")]
    used = {
        panel["datasource"]["uid"]
        for dashboard in dashboards
        for panel in dashboard["panels"]
        if "targets" in panel
    }
    assert used == known
