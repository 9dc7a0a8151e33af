"""The double's client: as much of redis-py as the ledger calls, with its pipelines and their WATCH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from redis.exceptions import ConnectionError as RedisIsGone
from redis.exceptions import ResponseError, WatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.simulation.stream_server import Command, StreamServer

    Line = Callable[[Sequence[Command], Callable[[], list[Any]]], list[Any]]
    """What lies between client and server: it may break before an answer, or behind it."""


def straight(_commands: Sequence[Command], execute: Callable[[], list[Any]]) -> list[Any]:
    """Be a line that never breaks."""
    return execute()


class Commands:
    """The commands, each handed on to `_do`."""

    def _do(self, name: str, *arguments: Any) -> Any:
        raise NotImplementedError

    def ping(self) -> Any:
        return self._do("ping")

    def xadd(
        self,
        key: str,
        fields: Mapping[str, bytes | str],
        id: str = "*",  # noqa: A002  redis-py names it so
        maxlen: int | None = None,
        approximate: bool = True,
    ) -> Any:
        encoded = {_bytes(name): _bytes(value) for name, value in fields.items()}
        return self._do("xadd", key, encoded, id, maxlen)

    def xlen(self, key: str) -> Any:
        return self._do("xlen", key)

    def xrange(self, key: str, *, count: int | None = None) -> Any:
        return self._do("xrange", key, count)

    def xread(self, streams: Mapping[str, str], *, count: int | None = None) -> Any:
        return self._do("xread", dict(streams), count)

    def xdel(self, key: str, *ids: bytes) -> Any:
        return self._do("xdel", key, *ids)

    def xtrim(self, key: str, *, maxlen: int, approximate: bool = True) -> Any:
        return self._do("xtrim", key, maxlen)

    def xinfo_stream(self, key: str) -> Any:
        return self._do("xinfo_stream", key)

    def delete(self, *keys: str) -> Any:
        return self._do("delete", *keys)

    def flushdb(self) -> Any:
        return self._do("flushdb")


class StreamClient(Commands):
    """Sends each command at once."""

    def __init__(self, server: StreamServer, line: Line = straight) -> None:
        self._server = server
        self._line = line

    def pipeline(self) -> StreamPipeline:
        return StreamPipeline(self._server, self._line)

    def _do(self, name: str, *arguments: Any) -> Any:
        commands = [(name, arguments)]
        (answer,) = self._line(commands, lambda: self._server.execute(commands))
        return _answered(answer)


class StreamPipeline(Commands):
    """Gathers commands and sends them as one transaction; between `watch` and `multi` at once."""

    def __init__(self, server: StreamServer, line: Line) -> None:
        self._server = server
        self._line = line
        self.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.reset()

    def reset(self) -> None:
        self._commands: list[Command] = []
        self._watched: dict[str, int] = {}
        self._epoch: int | None = None
        self._at_once = False

    def watch(self, *keys: str) -> None:
        self._sent([("ping", ())])
        self._watched |= {key: self._server.version(key) for key in keys}
        self._epoch = self._server.epoch
        self._at_once = True

    def multi(self) -> None:
        self._at_once = False

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        commands, watched = self._commands, self._watched
        try:
            if not commands and not watched:
                return []
            answers = self._sent(commands)
        finally:
            self.reset()
        for answer in answers if raise_on_error else ():
            _answered(answer)
        return answers

    def _do(self, name: str, *arguments: Any) -> Any:
        if self._at_once:
            return _answered(self._sent([(name, arguments)])[0])
        self._commands.append((name, arguments))
        return self

    def _sent(self, commands: Sequence[Command]) -> list[Any]:
        return self._line(commands, lambda: self._executed(commands))

    def _executed(self, commands: Sequence[Command]) -> list[Any]:
        if self._epoch not in {None, self._server.epoch}:
            raise RedisIsGone("Connection closed by server.")
        in_multi = not self._at_once
        if in_multi and any(self._server.version(k) != v for k, v in self._watched.items()):
            self._server.execute([])  # it is asked all the same, and may be away
            raise WatchError("Watched variable changed.")
        return self._server.execute(commands)


def _answered(answer: Any) -> Any:
    if isinstance(answer, ResponseError):
        raise answer
    return answer


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
