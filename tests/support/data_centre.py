"""The data centre without containers: what docker-compose.yml starts, as plain processes."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.support.postgres_server import PostgresServer

REPOSITORY = Path(__file__).resolve().parents[2]
SECRETS = {
    name: name.lower().replace("_", "")
    for name in (
        "DVK_OWNER_PASSWORD",
        "DVK_REGISTRY_PASSWORD",
        "DVK_EVALUATION_PASSWORD",
        "DVK_REPORTING_PASSWORD",
        "DVK_LISTS_PASSWORD",
        "DVK_PEOPLE_PASSWORD",
        "DVK_READER_PASSWORD",
        "DVK_SEALER_PASSWORD",
    )
}
STOP_SECONDS = 30.0


def containers() -> dict[str, dict[str, Any]]:
    """Return the services of the compose file, by name."""
    text = (REPOSITORY / "docker-compose.yml").read_text("utf-8")
    return dict(yaml.safe_load(text)["services"])


def make_roles(server: PostgresServer, only: str = "*.sql") -> None:
    """Run the scripts that PostgreSQL's image would run when the server is made."""
    own = server.binaries / "psql"  # the one that belongs to the server is sure to speak with it
    psql = str(own) if own.exists() else shutil.which("psql") or "psql"
    address = f"postgresql://{urlsplit(server.url).netloc}/postgres"
    for script in sorted((REPOSITORY / "deploy/postgres").glob(only)):
        run_to_end(
            [psql, "--no-psqlrc", "--dbname", address, "--file", str(script)],
            {**os.environ, **SECRETS},
        )


def address_of(server: PostgresServer, role: str) -> str:
    """Return the address with which a role signs in, as the compose file writes it."""
    parts = urlsplit(server.url)
    secret = SECRETS[f"DVK_{'READER' if role == 'grafana' else role.upper()}_PASSWORD"]
    return f"postgresql://dvk_{role}:{secret}@{parts.hostname}:{parts.port}/dvk"


def prepare(server: PostgresServer) -> None:
    """Run what the container `database` runs."""
    environment = {**os.environ, "DATABASE_URL": address_of(server, "owner")}
    run_to_end([sys.executable, str(REPOSITORY / "deploy/postgres/prepare.py")], environment)


def run_to_end(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a command; one that fails is an error with what it said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def services(
    server: PostgresServer,
    redis_url: str,
    port: int,
    logs: Path,
    names: Sequence[str] = ("registry", "evaluation", "reporting"),
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run services by the commands and variables of their containers in the compose file."""
    with ExitStack() as stack:
        started = {}
        for name in names:
            environment = {
                **os.environ,
                **environment_of(name, server, redis_url),
                # Here every process shares one address, so the ports stand in for the hosts.
                "DVK_HOST": "127.0.0.1",
                "DVK_PORT": str(port),
                "DVK_HOME": str(logs),
            }
            command = [sys.executable, *containers()[name]["command"][1:]]
            log = stack.enter_context((logs / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=logs)
            stack.callback(_end, process)
            started[name] = process
        yield started


def environment_of(name: str, server: PostgresServer, redis_url: str) -> dict[str, str]:
    """Return a container's variables, with secrets and addresses in the place of their names."""
    environment: Mapping[str, str] = containers()[name]["environment"]
    parts = urlsplit(server.url)

    def reached(value: str) -> str:
        return value.replace("@postgres:5432/", f"@{parts.hostname}:{parts.port}/")

    places: dict[str, Callable[[str], str]] = {
        "DATABASE_URL": reached,
        "DVK_PEOPLE_URL": reached,
        "REDIS_URL": lambda _: redis_url,
    }
    secrets = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda hit: SECRETS.get(hit[1], ""), value)
        for name, value in environment.items()
    }
    return {name: places.get(name, str)(value) for name, value in secrets.items()}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
