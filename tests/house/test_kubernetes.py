"""deploy/k8s runs what docker-compose.yml runs, and keeps the rules of pods; no cluster is needed.

The rules are applied to the files, and to the overlays where `make check-kubernetes` installed kubectl.
"""

import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from shared.settings import Settings
from tests.house.test_deploy import SERVICES, WITH_THE_DESK
from tests.support.kubernetes_objects import (
    FOLDER,
    OVERLAYS,
    containers_of,
    documents,
    objects_of,
    pods_of,
    selects,
    settings_of,
)

Objects = list[dict[str, Any]]
Pods = dict[str, dict[str, Any]]
LATER = {("postgres-superuser", "username"), ("postgres-superuser", "password")}
LATER |= {("lists", "DVK_TOKEN"), ("desk-key", "dvk-lists.key")}
"""Secrets of the operator, and those that exist only after the first start."""


@pytest.fixture(scope="module", params=["files", *OVERLAYS])
def objects(request: pytest.FixtureRequest) -> Objects:
    return objects_of(request.param)


@pytest.fixture(scope="module")
def pods(objects: Objects) -> Pods:
    found = pods_of(objects)
    assert set(found) == {*WITH_THE_DESK, "sealer", "proxy", "database", "roles"}
    return found


@pytest.fixture(scope="module")
def compose(repository: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((repository / "docker-compose.yml").read_text("utf-8"))["services"])


@pytest.fixture(scope="module")
def secrets() -> dict[str, dict[str, str]]:
    made = subprocess.run([FOLDER / "secrets.sh"], capture_output=True, text=True, check=True)
    found = list(yaml.safe_load_all(made.stdout))
    assert {each["kind"] for each in found} == {"Secret"}
    return {
        each["metadata"]["name"]: {**each.get("data", {}), **each.get("stringData", {})}
        for each in found
    }


def variables(pod: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the variables of the pod's own container: a text, or the reference to one."""
    (container,) = pod["spec"]["containers"]
    shared = any("configMapRef" in each for each in container.get("envFrom", ()))
    own = {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
    return {**(settings if shared else {}), **own}


def test_no_pod_has_root_a_capability_a_token_or_a_file_system_to_write(pods: Pods) -> None:
    for name, pod in pods.items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(spec), name
        assert "hostPath" not in str(spec["volumes"]), name
        for container in containers_of(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_our_pods_run_as_the_user_of_the_image(pods: Pods, repository: Path) -> None:
    image = (repository / "deploy/Dockerfile").read_text("utf-8")
    user = int(re.findall(r"^USER (\d+)$", image, re.MULTILINE)[-1])
    for name in {*pods} - {"proxy", "roles"}:
        assert pods[name]["spec"]["securityContext"]["runAsUser"] == user, name


def test_every_container_asks_for_its_resources_and_has_an_end_of_memory(pods: Pods) -> None:
    for name, pod in pods.items():
        for container in containers_of(pod):
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name
            # One that is held back with the append lock would hold back all.
            assert "cpu" not in container["resources"]["limits"], name
        for volume in pod["spec"]["volumes"]:
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""}), name


def test_a_service_is_restarted_only_if_it_does_not_answer_at_all(pods: Pods) -> None:
    for name, pod in pods.items():
        (container,) = pod["spec"]["containers"]
        assert "readyz" not in str(container.get("livenessProbe")), name
        if name in WITH_THE_DESK:
            for probe, path in (("startup", "/healthz"), ("liveness", "/healthz")):
                asked = {"path": path, "port": "http"}
                assert container[f"{probe}Probe"]["httpGet"] == asked, name
            asked = {"path": "/readyz", "port": "http"}
            assert container["readinessProbe"]["httpGet"] == asked, name
        elif name not in {"database", "roles"}:
            assert "readinessProbe" in container, name
    # The refusal of the sealer is evidence.
    assert "livenessProbe" not in pods["sealer"]["spec"]["containers"][0]


def test_every_service_has_the_name_and_the_port_that_the_proxy_asks_for(
    objects: Objects, pods: Pods, repository: Path
) -> None:
    conf = (repository / "deploy/proxy/nginx.conf").read_text("utf-8")
    asked = dict(re.findall(r"server (\w+):(\d+);", conf))
    assert {name: int(port) for name, port in asked.items()} == WITH_THE_DESK
    services = {each["metadata"]["name"]: each for each in objects if each["kind"] == "Service"}
    assert set(services) == {*asked, "proxy"}
    for name, service in services.items():
        (port,) = service["spec"]["ports"]
        (container,) = pods[name]["spec"]["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": port_of(name)}]
        assert port["targetPort"] == "http"
        assert port["port"] == WITH_THE_DESK.get(name, 80)
        taken = [n for n, p in pods.items() if selected(service["spec"]["selector"], p)]
        assert taken == [name]


def port_of(name: str) -> int:
    return {**WITH_THE_DESK, "proxy": 8080}[name]


def selected(labels: Mapping[str, str], pod: Mapping[str, Any]) -> bool:
    return selects({"matchLabels": labels}, pod["metadata"]["labels"])


def test_every_image_is_pinned_and_that_of_compose(
    pods: Pods, compose: dict[str, Any], repository: Path
) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    others = {compose["proxy"]["image"], compose["postgres"]["image"]}
    for overlay in OVERLAYS:
        (image,) = documents(FOLDER / f"overlays/{overlay}/kustomization.yaml")[0]["images"]
        assert image["name"] == compose["registry"]["image"]
        assert image["newTag"] == project["version"]
        others |= {image["name"], f"{image['newName']}:{image['newTag']}"}
    images = {container["image"] for pod in pods.values() for container in containers_of(pod)}
    assert images <= others


def test_every_pod_runs_what_compose_runs(
    objects: Objects, pods: Pods, compose: dict[str, Any]
) -> None:
    settings = settings_of(objects)
    for name in (*WITH_THE_DESK, "sealer", "database"):
        assert pods[name]["spec"]["containers"][0]["command"] == compose[name]["command"]
        unused = {"REDIS_URL"} if name == "lists" else set()  # the desk is a publisher over HTTP
        asked = set(compose[name]["environment"]) - unused
        assert asked <= set(variables(pods[name], settings)), name


def test_every_setting_exists_and_is_valid(objects: Objects, pods: Pods, repository: Path) -> None:
    page = (repository / "docs/operations.md").read_text("utf-8")
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    settings = settings_of(objects)
    assert set(settings) <= known
    for name in (*WITH_THE_DESK, "sealer", "database"):
        stated = variables(pods[name], settings)
        assert set(stated) <= known, name
        texts = {key: value for key, value in stated.items() if isinstance(value, str)}
        read = Settings.from_environment(texts)
        if name in WITH_THE_DESK:
            assert {*WITH_THE_DESK, "proxy"} <= read.hosts
            assert urlsplit(settings["DVK_PUBLIC_URL"]).hostname in read.hosts
            assert read.host == "0.0.0.0"  # noqa: S104  other pods reach it
            assert read.require_sign_in


def test_readers_come_to_the_proxy_over_tls_by_the_name_of_the_ledger(objects: Objects) -> None:
    (ingress,) = [each["spec"] for each in objects if each["kind"] == "Ingress"]
    host = urlsplit(settings_of(objects)["DVK_PUBLIC_URL"]).hostname
    (rule,) = ingress["rules"]
    assert ingress["tls"] == [{"hosts": [host], "secretName": "ledger-tls"}]
    assert rule["host"] == host
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "proxy", "port": {"name": "http"}}


def test_every_secret_is_referred_to_and_none_is_written_down(
    objects: Objects, pods: Pods, secrets: dict[str, dict[str, str]]
) -> None:
    assert [each for each in objects if each["kind"] == "Secret"] == []
    assert re.findall(r"://[^/\s]*:[^/\s]*@", str(objects)) == []
    made = {(name, key) for name, content in secrets.items() for key in content}
    asked = set()
    for pod in pods.values():
        text = str(pod)
        named = re.findall(r"'secretKeyRef': (\{[^}]*\})", text)
        references = [yaml.safe_load(each) for each in named]
        asked |= {(each["name"], each["key"]) for each in references}
        for volume in pod["spec"]["volumes"]:
            sources = volume.get("projected", {"sources": [volume]})["sources"]
            for secret in (each["secret"] for each in sources if "secret" in each):
                name = secret.get("name", secret.get("secretName"))
                asked |= {(name, item["key"]) for item in secret["items"]}
    assert {("registry", "DATABASE_URL"), ("seal-key", "seal.key")} <= asked
    assert asked - made == LATER
    # The passwords go to the job of the roles as a whole, and the one of Redis to its operator.
    assert {name for name, _ in made - asked} == {"roles", "redis"}


def test_each_secret_opens_its_own_role_only(
    secrets: dict[str, dict[str, str]], repository: Path
) -> None:
    scripts = "".join(f.read_text("utf-8") for f in (repository / "deploy/postgres").glob("*.sql"))
    assert set(secrets["roles"]) == set(re.findall(r"\\getenv \w+ (\w+)", scripts))
    addresses = {
        name: urlsplit(content.get("DATABASE_URL", content.get("DVK_PEOPLE_URL", "")))
        for name, content in secrets.items()
    }
    roles = {name for name, address in addresses.items() if address.scheme}
    assert roles == {*WITH_THE_DESK, "sealer", "people", "owner"}
    for name in roles:
        assert addresses[name].username == f"dvk_{name}"
        assert addresses[name].password == secrets["roles"][f"DVK_{name.upper()}_PASSWORD"]
    for name in SERVICES:
        assert urlsplit(secrets[name]["REDIS_URL"]).password == secrets["redis"]["password"]
    assert len({*secrets["roles"].values(), secrets["redis"]["password"]}) == 9
