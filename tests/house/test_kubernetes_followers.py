"""The overlay `followers` of deploy/k8s: pods of reporting that only read, behind the same proxy."""

import copy
import re
from pathlib import Path
from typing import Any

from shared.eventlog.dialects import READER_RENEWED_SECONDS
from shared.settings import Settings
from tests.house.test_kubernetes import variables
from tests.house.test_kubernetes_cluster import checked
from tests.support.kubernetes_objects import (
    FOLDER,
    built,
    documents,
    objects_of,
    places,
    pods_of,
    reached,
    settings_of,
)

OVERLAY = FOLDER / "overlays/followers"


def test_a_follower_is_a_pod_of_reporting_that_reads_from_a_standby() -> None:
    base, added = objects_of("files"), documents(OVERLAY / "follower.yaml")
    follower, reporting = pods_of(added)["follower"], pods_of(base)["reporting"]
    stated = variables(follower, settings_of(base))
    settings = Settings.from_environment(
        {name: value for name, value in stated.items() if isinstance(value, str)}
    )
    assert settings.follow
    assert settings.database_url is not None
    assert "dvk_reporting@postgres-standby:5432/dvk" in settings.database_url
    assert settings.redis_url is None
    assert alike(follower) == alike(reporting)


def test_all_connections_of_a_follower_lead_to_one_standby() -> None:
    (cluster,) = [e for e in documents(FOLDER / "examples/postgres.yaml") if e["kind"] == "Cluster"]
    added = documents(OVERLAY / "follower.yaml")
    (standby,) = [e["spec"] for e in added if e["metadata"]["name"] == "postgres-standby"]
    of_standbys = {
        "cnpg.io/cluster": cluster["metadata"]["name"],
        "cnpg.io/instanceRole": "replica",
    }
    assert standby["selector"] == of_standbys
    assert standby["sessionAffinity"] == "ClientIP"
    bound = standby["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
    assert bound > READER_RENEWED_SECONDS


def alike(pod: dict[str, Any]) -> dict[str, Any]:
    """Return a pod without its name and its variables."""
    found = copy.deepcopy(pod)
    found["metadata"]["labels"].pop("app.kubernetes.io/name")
    (container,) = found["spec"]["containers"]
    del container["name"], container["env"]
    return found


def test_it_is_reached_by_the_proxy_and_reaches_postgres() -> None:
    objects = [*objects_of("files"), *documents(OVERLAY / "follower.yaml")]
    policies = [each for each in objects if each["kind"] == "NetworkPolicy"]
    policies += [
        each
        for each in documents(FOLDER / "examples/postgres.yaml")
        if each["kind"] == "NetworkPolicy"
    ]
    seen = {each for each in reached(places(pods_of(objects)), policies) if "follower" in each[:2]}
    assert seen == {
        ("proxy", "follower", 8080),
        ("monitoring", "follower", 8080),
        ("follower", "postgres", 5432),
        ("follower", "names", 53),
    }


def test_the_proxy_is_given_the_followers(repository: Path) -> None:
    (plan,) = documents(OVERLAY / "kustomization.yaml")
    ((literal,),) = [made["literals"] for made in plan["configMapGenerator"]]
    line = (repository / "deploy/proxy/followers.conf").read_text("utf-8").splitlines()[-1]
    assert literal == f"followers.conf={line}"
    conf = (repository / "deploy/proxy/nginx.conf").read_text("utf-8")
    (folder,) = re.findall(r"upstream readers \{.*?include ([\w/]+)/\*\.conf;", conf, re.DOTALL)
    assert f"mountPath: {folder}," in str(plan["patches"][0]["patch"])
    services = [e for e in documents(OVERLAY / "follower.yaml") if e["kind"] == "Service"]
    ports = {e["metadata"]["name"]: e["spec"]["ports"][0]["port"] for e in services}
    assert ports["follower"] == 8080


def test_what_is_built_keeps_the_schemas_of_kubernetes() -> None:
    run = checked(built("overlays/followers"))
    assert run.returncode == 0, run.stdout + run.stderr
