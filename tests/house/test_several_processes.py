"""The profile `ha` and followers in compose; tests/e2e/test_data_centre.py starts the processes."""

from pathlib import Path

import yaml

from tests.house.test_deploy import SERVICES
from tests.support.data_centre import containers

SECOND = {f"{name}-2": name for name in SERVICES}


def test_the_profile_ha_has_a_second_process_of_each_service_under_the_same_name(
    repository: Path,
) -> None:
    found = containers()
    assert {name for name, each in found.items() if each.get("profiles") == ["ha"]} == set(SECOND)
    for name, first in SECOND.items():
        assert found[name] == {
            **found[first],
            "profiles": ["ha"],
            "networks": {"inside": {"aliases": [first]}},
        }
        # The proxy resolves the names when it starts, and starts without the second ones too.
        waits = found["proxy"]["depends_on"][name]
        assert waits == {"condition": "service_started", "required": False}
    # No setting of a file that is added reaches the first process alone.
    for file in sorted(repository.glob("docker-compose.*.yml")):
        added = yaml.safe_load(file.read_text("utf-8"))["services"]
        for name, first in SECOND.items():
            assert added.get(name) == added.get(first), file.name


def test_prometheus_asks_a_follower_under_a_name_that_it_answers_to(repository: Path) -> None:
    (job,) = yaml.safe_load((repository / "deploy/prometheus/prometheus.yml").read_text("utf-8"))[
        "scrape_configs"
    ]
    ((file,),) = (each["files"] for each in job["file_sd_configs"])
    added = yaml.safe_load((repository / "docker-compose.followers.yml").read_text("utf-8"))
    (mounted,) = added["services"]["prometheus"]["volumes"]
    source, target, _ = mounted.split(":")
    assert target == file
    (followers,) = yaml.safe_load((repository / source).read_text("utf-8"))
    assert followers["labels"] == {"service": "follower"}
    ((name, port),) = (each.split(":") for each in followers["targets"])
    assert port == "8080"
    environment = added["services"][name]["environment"]
    assert {name, "proxy"} <= set(environment["DVK_ALLOWED_HOSTS"].split(","))
