"""The proxy of docker-compose.yml: its files, and the script that starts it."""

import re
import subprocess
from pathlib import Path

from tests.house.test_deploy import WITH_THE_DESK
from tests.support.data_centre import containers


def test_the_proxy_has_an_end_for_everything_that_can_be_slow(repository: Path) -> None:
    conf = (repository / "deploy/proxy/nginx.conf").read_text("utf-8")
    seconds = {name: int(value) for name, value in re.findall(r"(\w+_timeout) (\d+)s;", conf)}
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert 0 < seconds[name] <= 60, name
    tls = (repository / "deploy/proxy/tls.conf").read_text("utf-8")
    assert {"reads", "attempts"} == set(re.findall(r"limit_req zone=(\w+)", tls))
    assert "limit_conn requests" in tls


def test_the_proxy_gives_each_service_its_prefix(repository: Path) -> None:
    conf = "".join(
        (repository / "deploy/proxy" / name).read_text("utf-8")
        for name in ("nginx.conf", "locations.conf")
    )
    servers = dict(re.findall(r"upstream (\w+) \{\s+server \w+:(\d+);", conf))
    assert {name: int(port) for name, port in servers.items()} == WITH_THE_DESK
    # The slash at the end takes the prefix away before the service sees the path.
    routes = dict(re.findall(r"location (/\w*/?) \{\s+proxy_pass (http://[^;]+);", conf))
    assert routes == {
        "/": "http://$reporting",
        "/registry/": "http://registry/",
        "/evaluation/": "http://evaluation/",
        "/lists/": "http://lists",  # its pages have the prefix themselves
    }


def test_the_proxy_reads_its_configuration_again_when_an_address_of_a_service_changed(
    repository: Path, tmp_path: Path
) -> None:
    """By start.sh, with other programs for those of the container: one line of `addresses` a moment."""
    proxy = containers()["proxy"]
    shell, file = proxy["command"]
    script = repository / "deploy/proxy" / Path(file).name
    assert f"./deploy/proxy/{script.name}:{file}:ro" in proxy["volumes"]
    moments = ("1", "1", "2", "3", "3", "3")  # at the fourth nginx does not find a name yet
    programs = {
        "sleep": f"cd {tmp_path}; n=$(cat n); test $n -lt {len(moments)} && echo $((n + 1)) > n",
        "getent": f'cd {tmp_path}; sed -n "$(cat n)p" moments | sed "s/..*/10.0.0.&  STREAM $2/"',
        "nginx": f'cd {tmp_path}; test "$1" = -g && exec echo start; echo "$* $(cat n)" >> said; test $(cat n) != 4',
    }
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "moments").write_text("\n".join(moments) + "\n")
    (tmp_path / "n").write_text("1\n")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run([shell, str(script)], env=environment, check=True, capture_output=True)
    said = (tmp_path / "said").read_text().splitlines()
    assert said == ["-s reload 3", "-s reload 4", "-s reload 5"]
    names = re.findall(r"for name in (.+); do", script.read_text("utf-8"))
    assert {name for each in names for name in each.split()} == {*WITH_THE_DESK, "follower"}
