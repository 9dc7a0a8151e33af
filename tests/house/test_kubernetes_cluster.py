"""deploy/k8s as a whole: the schemas, who may reach whom, what goes on when a node goes, and keys."""

import os
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.lists import app as desk
from services.lists.uploads.desk_key import KEY_BYTES, key_of
from shared.bus.address import redis_address
from shared.settings import Settings
from shared.trust.keys import SecretKey
from tests.house.test_deploy import SERVICES, WITH_THE_DESK
from tests.support.kubernetes_objects import (
    FOLDER,
    OVERLAYS,
    TOOLS,
    built,
    containers_of,
    documents,
    objects_of,
    places,
    pods_of,
    reached,
    selects,
)

Objects = list[dict[str, Any]]
ON_POSTGRES = {*WITH_THE_DESK, "sealer", "database", "roles"}
TWICE = {*SERVICES, "proxy"}
"""What may have several processes; one list desk works on the uploads, one sealer seals."""


@pytest.fixture(scope="module", params=["files", *OVERLAYS])
def objects(request: pytest.FixtureRequest) -> Objects:
    return objects_of(request.param)


def of_kind(objects: Objects, kind: str) -> Objects:
    return [each for each in objects if each["kind"] == kind]


def checked(text: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", "-"]
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    return subprocess.run(
        command, input=text, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("folder", [*(f"overlays/{name}" for name in OVERLAYS), "roles"])
def test_what_is_built_keeps_the_schemas_of_kubernetes(folder: str) -> None:
    run = checked(built(folder))
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_field_that_does_not_exist_is_found() -> None:
    spoilt = built("overlays/small").replace("readOnlyRootFilesystem", "readOnlyRootFileSystem")
    assert checked(spoilt).returncode != 0


def test_the_secrets_keep_the_schemas_of_kubernetes() -> None:
    built("overlays/small")  # skipped without the tools
    made = subprocess.run([FOLDER / "secrets.sh"], capture_output=True, text=True, check=True)
    run = checked(made.stdout)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_connection_that_is_not_listed_here_is_refused(objects: Objects) -> None:
    around = places(pods_of(objects))
    examples = documents(FOLDER / "examples/postgres.yaml")
    ledgers, databases = (of_kind(each, "NetworkPolicy") for each in (objects, examples))
    own = set(pods_of(objects))
    expected = {
        ("ingress", "proxy", 8080),
        ("lists", "proxy", 8080),
        ("reporting", "proxy", 8080),
        *(("proxy", name, port) for name, port in WITH_THE_DESK.items()),
        *(("monitoring", name, port) for name, port in WITH_THE_DESK.items()),
        *((name, "postgres", 5432) for name in ON_POSTGRES),
        *((name, "redis", port) for name in SERVICES for port in (6379, 26379)),
        *((name, "names", 53) for name in own),
    }
    # Also beside a database that has no policy of its own.
    for policies in (ledgers, [*ledgers, *databases]):
        seen = {each for each in reached(around, policies) if own & set(each[:2])}
        assert seen - {(other, "postgres", 5432) for other in set(around) - own} == expected
    to_postgres = {each[0] for each in reached(around, databases) if each[1] == "postgres"}
    assert to_postgres == ON_POSTGRES


def test_every_pod_is_denied_what_no_policy_allows(objects: Objects) -> None:
    (deny,) = [e for e in of_kind(objects, "NetworkPolicy") if e["metadata"]["name"] == "deny"]
    assert set(deny["spec"]) == {"podSelector", "policyTypes"}
    for name, pod in pods_of(objects).items():
        assert selects(deny["spec"]["podSelector"], pod["metadata"]["labels"]), name


def test_a_node_may_go_in_the_overlay_for_high_availability() -> None:
    plan, *_ = documents(FOLDER / "overlays/ha/kustomization.yaml")
    assert {each["name"]: each["count"] for each in plan["replicas"]} == dict.fromkeys(TWICE, 2)
    budgets = documents(FOLDER / "overlays/ha/disruption.yaml")
    assert {each["metadata"]["name"] for each in budgets} == TWICE
    pods = pods_of(objects_of("files"))
    for budget in budgets:
        name, spec = budget["metadata"]["name"], budget["spec"]
        assert [
            n for n, p in pods.items() if selects(spec["selector"], p["metadata"]["labels"])
        ] == [name]
        assert spec["maxUnavailable"] == 1  # of one pod alone, a budget would hold up every drain


def test_a_new_release_waits_for_the_old_one_only_where_one_process_is_the_limit(
    objects: Objects,
) -> None:
    found = {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "Deployment")}
    single = {name for name, spec in found.items() if spec["strategy"].get("type") == "Recreate"}
    assert single == set(found) - TWICE == {"lists", "sealer"}
    assert {found[name]["replicas"] for name in single} == {1}
    for name in TWICE:
        # One whose read models are of another version is not ready: the old one serves meanwhile.
        assert found[name]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_two_pods_are_built_of_each_service_and_spread_over_the_nodes() -> None:
    found = of_kind(objects_of("ha"), "Deployment")
    assert {e["metadata"]["name"] for e in found if e["spec"]["replicas"] == 2} == TWICE
    for each in found:
        spread = each["spec"]["template"]["spec"].get("topologySpreadConstraints", ())
        assert bool(spread) == (each["metadata"]["name"] in TWICE)
        for rule in spread:
            assert rule["topologyKey"] == "kubernetes.io/hostname"
            assert selects(rule["labelSelector"], each["spec"]["template"]["metadata"]["labels"])


@pytest.mark.parametrize(("pod", "file"), [("sealer", "keys/seal.key"), ("lists", "lists.key")])
def test_a_key_of_a_secret_can_be_used_by_its_service(pod: str, file: str, tmp_path: Path) -> None:
    """A Secret is mounted as links, with rights that key files must not have."""
    made = subprocess.run([FOLDER / "secrets.sh"], capture_output=True, text=True, check=True)
    secrets = {each["metadata"]["name"]: each for each in yaml.safe_load_all(made.stdout)}
    name = Path(file).name
    content = {
        "seal.key": secrets["seal-key"]["stringData"].get("seal.key", "").encode(),
        "lists.key": b64decode(secrets["lists-key"]["data"]["lists.key"]),
    }[name]
    mounted, state = tmp_path / "mounted", tmp_path / "state"
    (mounted / "..data").mkdir(parents=True)
    (state / file).parent.mkdir(parents=True)
    (mounted / "..data" / name).write_bytes(content)
    (mounted / "..data" / name).chmod(0o444)
    (mounted / name).symlink_to(f"..data/{name}")

    (first,) = pods_of(objects_of("files"))[pod]["spec"]["initContainers"]
    shell, option, script = first["command"]
    here = script.replace(" /keys/", f" {mounted}/").replace(" /state/", f" {state}/")
    subprocess.run([shell, option, here], check=True)
    kept = state / file
    assert kept.stat().st_mode & 0o777 == 0o600
    if name == "seal.key":
        SecretKey.load(kept)
    else:
        assert len(content) == KEY_BYTES
        assert key_of(kept).digest(["x"]) == key_of(kept).digest(["x"])


def test_the_desk_knows_the_services_behind_the_proxy_before_that_one_answers(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In compose and in Kubernetes alike; the proxy may start after the desk, and in compose does."""
    (container,) = pods_of(objects_of("files"))["lists"]["spec"]["containers"]
    (address,) = [e["value"] for e in container["env"] if e["name"] == "DVK_LEDGER_URL"]
    compose = yaml.safe_load((repository / "docker-compose.yml").read_text("utf-8"))["services"]
    composed = compose["lists"]["environment"]["DVK_LEDGER_URL"]

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    given: list[Any] = []
    monkeypatch.setattr(desk, "compose", lambda _settings, _client, found, **_: given.append(found))
    monkeypatch.setattr(httpx, "HTTPTransport", lambda **_: httpx.MockTransport(away))
    for each in (address, composed):
        desk.build_app(
            Settings.from_environment({"DVK_HOME": str(tmp_path), "DVK_LEDGER_URL": each})
        )
    assert [(each.reporting, each.registry, each.evaluation) for each in given] == [
        (root, f"{root}/registry", f"{root}/evaluation") for root in ("http://proxy", composed)
    ]


def test_the_configuration_of_proxy_and_roles_is_that_of_compose(repository: Path) -> None:
    conf = (repository / "deploy/proxy/nginx.conf").read_text("utf-8")
    scripts = {file.name for file in (repository / "deploy/postgres").glob("*.sql")}
    included = set(re.findall(r"include /etc/nginx/([\w.]+);", conf))
    for folder, names in (("proxy", {"nginx.conf", *included}), ("postgres", scripts)):
        plan, *_ = documents(repository / f"deploy/{folder}/kustomization.yaml")
        assert [set(made["files"]) for made in plan["configMapGenerator"]] == [names]


def test_redis_is_set_as_in_compose_by_its_operator(repository: Path) -> None:
    def lines(text: str) -> set[str]:
        return {line for line in text.splitlines() if line and not line.startswith("#")}

    conf = lines((repository / "deploy/redis/redis.conf").read_text("utf-8"))
    objects = documents(FOLDER / "examples/redis.yaml")
    (made,) = of_kind(objects, "ConfigMap")
    by_operator = {"appendonly yes", "dir /data", "protected-mode yes"}
    assert lines(made["data"]["redis-additional.conf"]) == conf - by_operator


def test_what_the_examples_make_is_what_the_ledger_asks_for() -> None:
    objects = documents(*sorted((FOLDER / "examples").glob("*.yaml")))
    (cluster,), (redis,) = of_kind(objects, "Cluster"), of_kind(objects, "RedisReplication")
    (sentinel,) = of_kind(objects, "RedisSentinel")
    around = places({})
    assert (
        cluster["spec"]["inheritedMetadata"]["labels"].items() <= around["postgres"].labels.items()
    )
    password = {"name": "redis", "key": "password"}
    for each in (redis, sentinel):
        assert each["metadata"]["labels"] == around["redis"].labels
        assert each["spec"]["kubernetesConfig"]["redisSecret"] == password
    watched = sentinel["spec"]["redisSentinelConfig"]
    assert watched["redisReplicationPassword"] == {"secretKeyRef": password}
    assert watched["redisReplicationName"] == redis["metadata"]["name"]
    made = subprocess.run([FOLDER / "secrets.sh"], capture_output=True, text=True, check=True)
    assert f"@{cluster['metadata']['name']}-rw:5432/dvk" in made.stdout
    (url,) = set(re.findall(r"REDIS_URL: (\S+)", made.stdout))
    found = redis_address(url)
    assert found.sentinels == ((f"{sentinel['metadata']['name']}-sentinel", 26379),)
    assert found.master == watched["masterGroupName"]
    assert found.options == found.of_sentinels
    small = subprocess.run(
        [FOLDER / "secrets.sh", "small"], capture_output=True, text=True, check=True
    )
    assert f"@{redis['metadata']['name']}-master:6379/0" in small.stdout
    assert all(":" in c["image"] for p in pods_of(objects).values() for c in containers_of(p))
