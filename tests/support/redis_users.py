"""A Redis with the users that `dvk redis-acl` writes, for tests."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from typer.testing import CliRunner

from services.console.main import app
from tests.support.redis_server import RedisServer

USERS = ("registry", "evaluation", "reporting", "operator", "publisher-p-a", "publisher-p-b")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


PASSWORDS = "".join(f"{name} {sha256(f'of-{name}')}\n" for name in USERS)


class ServerWithUsers(RedisServer):
    """A server with the users of an ACL file."""

    @property
    def url(self) -> str:
        return f"redis://operator:of-operator@127.0.0.1:{self.port}/0"

    def _write_configuration(self) -> Path:
        path = super()._write_configuration()
        passwords, users = self.directory / "passwords", self.directory / "users.acl"
        passwords.write_text(PASSWORDS)
        printed = CliRunner().invoke(app, ["redis-acl", str(passwords)])
        assert printed.exit_code == 0, printed.output
        users.write_text(printed.output)
        text = path.read_text("utf-8")
        path.write_text(text.replace(f"requirepass {self.password}", f"aclfile {users}"))
        return path


@contextmanager
def client_of(server: RedisServer, user: str | None, password: str | None = None) -> Iterator[Any]:
    with Redis(
        port=server.port,
        username=user,
        password=password or (user and f"of-{user}"),
        retry=Retry(NoBackoff(), 0),
    ) as client:
        yield client
