"""The objects of deploy/k8s, as files or as kubectl builds them, and who may reach whom by them."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "deploy/k8s"
TOOLS = REPOSITORY / ".deploy"
OVERLAYS = ("small", "ha")
NAMESPACE = "dvk"
Labels = Mapping[str, str]


def documents(*files: Path) -> list[dict[str, Any]]:
    """Return the objects in YAML files."""
    return [each for file in files for each in yaml.safe_load_all(file.read_text("utf-8"))]


def built(folder: str) -> str:
    """Return what kubectl builds of a folder; the test is skipped where kubectl is not installed."""
    kubectl = TOOLS / "bin/kubectl"
    if not kubectl.exists():
        pytest.skip("kubectl is not installed: `make check-kubernetes` installs it")
    command = [str(kubectl), "kustomize", str(FOLDER / folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def objects_of(source: str) -> list[dict[str, Any]]:
    """Return the objects of an overlay with the job of the roles, or of the `files` unbuilt."""
    if source == "files":
        plain = sorted({*FOLDER.glob("base/*.yaml"), *FOLDER.glob("roles/*.yaml")})
        return documents(*(file for file in plain if file.name != "kustomization.yaml"))
    texts = (built(f"overlays/{source}"), built("roles"))
    return [each for text in texts for each in yaml.safe_load_all(text)]


def settings_of(objects: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the ConfigMap of the settings; unbuilt, from the files that it is made of."""
    for each in objects:
        if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("settings-"):
            return dict(each["data"])
    (made,) = documents(FOLDER / "base/kustomization.yaml")[0]["configMapGenerator"]
    texts = [(FOLDER / "base" / name).read_text("utf-8") for name in made["envs"]]
    lines = [line for text in texts for line in text.splitlines() if not line.startswith("#")]
    stated = [*lines, *made["literals"]]
    return dict(line.split("=", 1) for line in stated)


def pods_of(objects: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the template of the pods of each Deployment and Job, by its name."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in objects
        if each["kind"] in {"Deployment", "Job"}
    }


def containers_of(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all containers of a pod, those that run first too."""
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


class Place(NamedTuple):
    """Pods that send and take connections: their labels, those of their namespace, their ports."""

    labels: Labels
    namespace: Labels
    ports: Sequence[int]


def places(pods: Mapping[str, Mapping[str, Any]]) -> dict[str, Place]:
    """Return the pods of the ledger, and what is around them."""
    of_namespace, name = "kubernetes.io/metadata.name", "app.kubernetes.io/name"
    here = {of_namespace: NAMESPACE}
    own = {
        each: Place(
            pod["metadata"]["labels"],
            here,
            [p["containerPort"] for c in containers_of(pod) for p in c.get("ports", ())],
        )
        for each, pod in pods.items()
    }
    return own | {
        "postgres": Place({name: "postgres", "cnpg.io/cluster": "postgres"}, here, [5432]),
        "redis": Place({name: "redis"}, here, [6379, 26379]),
        "neighbour": Place({}, here, [8080]),
        "names": Place({"k8s-app": "kube-dns"}, {of_namespace: "kube-system"}, [53]),
        "ingress": Place({}, {"dvk/ingress": "true"}, [443]),
        "monitoring": Place({}, {"dvk/monitoring": "true"}, [9090]),
        "internet": Place({}, {}, [443]),
    }


def reached(
    around: Mapping[str, Place], policies: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, int]]:
    """Yield each source, target and port that the policies of both sides let through."""
    specs = [policy["spec"] for policy in policies]
    for source, sender in around.items():
        for target, taker in around.items():
            going = _rules(specs, "egress", sender)
            coming = _rules(specs, "ingress", taker)
            for port in taker.ports:
                if (
                    source != target
                    and _admitted(going, sender, taker, port)
                    and _admitted(coming, taker, sender, port)
                ):
                    yield source, target, port


def _rules(
    specs: Sequence[Mapping[str, Any]], direction: str, own: Place
) -> list[dict[str, Any]] | None:
    """Return the rules of one direction for these pods, None where no policy selects them."""
    mine = [
        spec
        for spec in specs
        if direction.title() in spec["policyTypes"]
        and own.namespace.get("kubernetes.io/metadata.name") == NAMESPACE
        and selects(spec["podSelector"], own.labels)
    ]
    return [rule for spec in mine for rule in spec.get(direction, ())] if mine else None


def _admitted(rules: list[dict[str, Any]] | None, own: Place, other: Place, port: int) -> bool:
    return rules is None or any(
        any(_is_peer(peer, own, other) for peer in rule.get("to", rule.get("from", ())))
        and any(each["port"] <= port <= each.get("endPort", each["port"]) for each in rule["ports"])
        for rule in rules
    )


def _is_peer(peer: Mapping[str, Any], own: Place, other: Place) -> bool:
    """Without a selector of namespaces a peer is in the namespace of the policy."""
    if "namespaceSelector" not in peer:
        return own.namespace == other.namespace and selects(peer["podSelector"], other.labels)
    return selects(peer["namespaceSelector"], other.namespace) and selects(
        peer.get("podSelector", {}), other.labels
    )


def selects(selector: Mapping[str, Any], labels: Labels) -> bool:
    """Return whether a selector of labels takes these; operators other than `In` are an error."""
    chosen = selector.get("matchExpressions", ())
    assert {each["operator"] for each in chosen} <= {"In"}, json.dumps(selector)
    return all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items()) and all(
        labels.get(each["key"]) in each["values"] for each in chosen
    )
