"""docker-compose.yml really started: a copy of the checkout, and the commands of the runbook in it.

The containers are podman's, the images are made from Debian's packages (deploy/offline).
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.console.local.redis_server import free_port
from tests.support.data_centre import REPOSITORY

OFFLINE = REPOSITORY / "deploy/offline"
TOOLS = REPOSITORY / ".compose"
PROJECT = "dan-van-kheo-ledger"
PROGRAMS = (
    "podman",
    "runc",
    "catatonit",
    "debootstrap",
    "iptables",  # netavark calls it
    "/usr/lib/podman/netavark",
    "/usr/lib/podman/aardvark-dns",
)
PATIENCE_SECONDS = 240.0
# What podman-compose does not read is stated so that it does; the ports are free ones.
OVERRIDE = """\
services:
  proxy:
    ports: !override ["127.0.0.1:{port}:8080"{tls}]
    depends_on: !override [registry, evaluation, reporting, lists{second}]
  prometheus: {{ports: !override ["127.0.0.1:{prometheus}:9090"]}}
  grafana: {{profiles: [not-in-debian]}}
"""


def missing() -> str:
    """Return what this machine lacks to start the containers, and how to get it; empty if nothing."""
    if os.geteuid() != 0:
        return "containers are started as root"
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    if lacking:
        return (
            f"this machine has no {', '.join(lacking)}: apt-get install podman runc netavark"
            " aardvark-dns catatonit debootstrap iptables"
        )
    if not TOOLS.is_dir():
        return "podman-compose is not installed: make check-compose"
    return ""


def steps(heading: str) -> list[str]:
    """Return the commands of a section of the runbook, without their comments."""
    page = (REPOSITORY / "docs/operations.md").read_text("utf-8")
    section = re.split(r"^#+ ", page.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)
    found = re.findall(r"^```sh\n(.*?)^```", section[0], re.MULTILINE | re.DOTALL)
    lines = "".join(found).replace("\\\n", "").splitlines()
    return [line.split("  #")[0].strip() for line in lines]


@dataclass
class ComposeSite:
    """A folder with the files of a release, in which an operator runs commands."""

    folder: Path
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    prometheus: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    """Variables of the operator's shell."""

    @property
    def address(self) -> str:
        """Return the address that compose publishes on this machine."""
        return f"http://localhost:{self.port}"

    def fill(self, commit: str | None = None) -> None:
        """Copy the files of this checkout, or of a commit, into the folder."""
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        if commit is not None:
            archive = subprocess.run(
                ["git", "archive", commit], cwd=REPOSITORY, check=True, capture_output=True
            )
            with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
                files.extractall(self.folder, filter="data")
            return
        names = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True)
        for name in names.stdout.splitlines():
            if (REPOSITORY / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, self.folder / name)

    def override(self, *, second: bool = False, tls: bool = False) -> None:
        """Write the file that compose reads beside the other one."""
        names = "".join(f", {name}-2" for name in ("registry", "evaluation", "reporting"))
        text = OVERRIDE.format(
            port=self.port,
            prometheus=self.prometheus,
            tls=f', "127.0.0.1:{self.tls_port}:8443"' if tls else "",
            second=names if second else "",
        )
        (self.folder / "docker-compose.override.yml").write_text(text)

    def set(self, **values: str) -> None:
        """Set variables in `.env`, in the place of those with the same name."""
        file = self.folder / ".env"
        lines = file.read_text().splitlines()
        kept = [line for line in lines if line.split("=")[0] not in values]
        file.write_text("\n".join([*kept, *(f"{k}={v}" for k, v in values.items())]) + "\n")

    def shell(self, command: str) -> "subprocess.Popen[str]":
        """Start a command of the operator; what it says goes to two pipes."""
        own = f"{OFFLINE / 'bin'}:{Path(sys.executable).parent}"
        environment = {
            **os.environ,
            "PATH": f"{own}:{os.environ['PATH']}",
            "DVK_PORT": str(self.port),
            "DVK_HOME": str(self.folder / "home"),
            "LANG": "en",
            **self.more,
        }
        return subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str, *, code: int = 0, seconds: float = 400) -> str:
        """Run a command to its end, and return what it printed and said."""
        started = self.shell(command)
        try:
            printed, said = started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            started.kill()
            printed, said = started.communicate()
            said += f"\nended after {seconds} s"
        assert started.returncode == code, f"{command}\n{printed}\n{said[-4000:]}"
        return printed + said

    def inspect(self, service: str, what: str) -> str:
        """Return a field of a container, by podman's names."""
        name = f"{PROJECT}_{service}_1"
        return self.run(f"podman inspect --format '{{{{{what}}}}}' {name} 2>/dev/null").strip()

    def kill(self, service: str) -> None:
        """Kill the first process of a container, as the machine may."""
        self.run(f"kill -9 {self.inspect(service, '.State.Pid')}")

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask at the published address."""
        return httpx.get(f"{self.address}{path}", timeout=30, trust_env=False, **options)

    def until(self, true: Callable[[], object], what: str) -> None:
        """Return when something is so; fail with the ends of all logs when patience is over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if true():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.25)
        logs = self.run(
            "for name in $(podman ps --all --format '{{.Names}}'); do"
            ' echo "== $name"; podman logs --tail 5 $name 2>&1; done'
        )
        message = f"waited {PATIENCE_SECONDS} s in vain until {what}\n{logs}"
        raise AssertionError(message)

    def until_ready(self, *services: str) -> None:
        """Return when the services, or all, say that they are ready, through the proxy."""
        for name in services or ("reporting", "registry", "evaluation", "lists"):
            path = "/readyz" if name == "reporting" else f"/{name}/readyz"
            self.until(lambda path=path: self.get(path).status_code == 200, f"{path} is 200")

    def head(self) -> int:
        """Return how many events the log has; each has its own position, without a gap."""
        log: dict[str, int] = json.loads(self.get("/completeness").text)["log"]
        assert log["head"] == log["events"]
        return log["head"]
