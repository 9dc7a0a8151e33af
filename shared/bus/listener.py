"""Listening to Redis through FastStream; handlers only hand over, so no event is lost.

Redis may be down at the start, fail, be emptied and come back: after an error the whole broker is
replaced, and starts from the reader's own checkpoint. No consumer group is used: groups keep failed
entries for ever, and vanish with an emptied Redis. A timer also calls the handlers every second.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from faststream.redis import RedisBroker, RedisSentinelBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from faststream.redis.parser import MessageFormat
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.bus.address import redis_address
from shared.bus.connections import CONNECT_SECONDS, greet_async, master_options, sentinel_options
from shared.bus.consumer import Entry
from shared.bus.streams import EVENTS, FIELD_EVENT, entry_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from shared.bus.address import RedisAddress

    Handler = Callable[[list[Entry]], Awaitable[None]]

EVERY_SECONDS = 1.0
AGAIN_SECONDS = 0.5
PING_SECONDS = 2.0
AT_ONCE = 500
INTAKE_AT_ONCE = 50  # each entry of an intake stream may hold a batch of 4 MiB
_logger = logging.getLogger(__name__)


class Listener:
    """Listens to `dvk:events`, to an intake stream, or both, from within one event loop.

    `events_after` returns the position to listen from; it may query a database, and is called in a
    thread. `on_events` gets entries in order, and an empty sequence once a second; `on_intake` is
    called when entries may have arrived. Both are called in the event loop and must not block.
    """

    def __init__(
        self,
        redis_url: str,
        *,
        events_after: Callable[[], int] | None = None,
        on_events: Callable[[Sequence[Entry]], None] | None = None,
        intake: str | None = None,
        on_intake: Callable[[], None] | None = None,
        on_connected: Callable[[bool], None] | None = None,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._address = redis_address(redis_url)
        self._events_after = events_after
        self._on_events = on_events
        self._intake = intake
        self._on_intake = on_intake
        self._on_connected = on_connected
        self._every = every_seconds
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()
        self.connected = False

    async def start(self) -> None:
        """Start listening in the background; return at once, whether or not Redis is up."""
        self._ending.clear()
        self._tasks = [
            asyncio.create_task(self._supervise(), name="listener"),
            asyncio.create_task(self._tick(), name="listener-timer"),
        ]

    async def stop(self) -> None:
        """Stop listening; entries read but not handed over are read again after the next start."""
        self._ending.set()
        pending = set(self._tasks)
        while pending:
            # A library may swallow a cancellation that meets its own timeout: cancel again.
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        self._tasks = []
        self._now_connected(connected=False)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._hand_over_events(())
            self._hand_over_intake()

    async def _supervise(self) -> None:
        """Listen, and after any error start again with a new broker."""
        while not self._ending.is_set():
            try:
                await self._listen()
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  start again
                if self._ending.is_set():
                    return
                if self.connected:
                    _logger.warning("Redis is gone: %s: %s", type(error).__name__, error)
            self._now_connected(connected=False)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        """Listen with one broker until its first error, or until there is another master."""
        trouble = asyncio.Event()
        broker = await self._broker(_LoggerAdapter(trouble))
        try:
            asking = CONNECT_SECONDS * len(self._address.sentinels)
            async with asyncio.timeout(PING_SECONDS + asking):
                client = await broker.connect()
                await client.ping()  # FastStream's own start would retry without a pause
                master = await _master(client)
                await broker.start()
            self._now_connected(connected=True)
            self._hand_over_events(())
            self._hand_over_intake()
            while not trouble.is_set() and not self._ending.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(trouble.wait(), AGAIN_SECONDS)
                async with asyncio.timeout(PING_SECONDS):
                    await client.ping()  # a frozen Redis raises no error
                if master is not None and await _master(client) not in {master, None}:
                    return
        finally:
            with suppress(Exception):
                async with asyncio.timeout(PING_SECONDS):  # a dead connection may never close
                    await _stop(broker)

    async def _broker(self, logger: _LoggerAdapter) -> RedisBroker:
        broker = _broker_on(
            self._address,
            message_format=PassthroughFormat,
            logger=logger,
            apply_types=False,
            graceful_timeout=1.0,
        )
        if self._events_after is not None:
            last_id = entry_id(await asyncio.to_thread(self._events_after))
            self._subscribe(broker, EVENTS, last_id, AT_ONCE, self._events_came)
        if self._intake is not None:
            self._subscribe(broker, self._intake, "0", INTAKE_AT_ONCE, self._intake_came)
        return broker

    def _subscribe(
        self, broker: RedisBroker, stream: str, last_id: str, at_once: int, handler: Handler
    ) -> None:
        subscriber = broker.subscriber(
            stream=StreamSub(
                stream, last_id=last_id, batch=True, max_records=at_once, polling_interval=1_000
            ),
            parser=_parse,
            decoder=_decode,
        )
        subscriber(handler)

    async def _events_came(self, entries: list[Entry]) -> None:
        self._hand_over_events(entries)

    async def _intake_came(self, _: list[Entry]) -> None:
        self._hand_over_intake()

    def _hand_over_events(self, entries: Sequence[Entry]) -> None:
        if self._on_events is not None:
            self._on_events(entries)

    def _hand_over_intake(self) -> None:
        if self._on_intake is not None:
            self._on_intake()

    def _now_connected(self, *, connected: bool) -> None:
        if connected and not self.connected:
            _logger.info("listening to Redis")
        self.connected = connected
        if self._on_connected is not None:
            self._on_connected(connected)


def _broker_on(address: RedisAddress, **options: Any) -> RedisBroker:  # noqa: ANN401  FastStream's
    """Return a broker that connects as `shared.bus.connections.connect` does."""
    retry = Retry(NoBackoff(), 0)
    options |= master_options(address) | {"retry": retry, "redis_connect_func": greet_async}
    if not address.sentinels:
        return RedisBroker(address.url, **options)
    return RedisSentinelBroker(
        sentinels=address.sentinels,
        sentinel_master_name=address.master,
        sentinel_kwargs=sentinel_options(address) | {"retry": retry},
        **options,
    )


async def _master(client: Any) -> object:  # noqa: ANN401  half of it is not typed
    """Return the master that the sentinels name; None without any, or while they are silent."""
    if isinstance(client.connection_pool, SentinelConnectionPool):
        pool: Any = client.connection_pool
        with suppress(RedisError, TimeoutError):
            async with asyncio.timeout(PING_SECONDS):
                return tuple(await pool.get_master_address())
    return None


async def _stop(broker: RedisBroker) -> None:
    """Stop a broker, and close its connections to sentinels, which FastStream leaves open."""
    pool = (await broker.connect()).connection_pool
    await broker.stop()
    if isinstance(pool, SentinelConnectionPool):
        await pool.sentinel_manager.aclose()


class PassthroughFormat(MessageFormat):
    """The wire format of the contract: plain JSON in a field, without FastStream's envelope."""

    @classmethod
    async def encode(cls, *, message: object, **_: object) -> bytes:
        """Not supported: the relay publishes, because entry ids are part of the contract."""
        raise NotImplementedError

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:
        """Return the bytes unchanged."""
        return data, {}


class _LoggerAdapter:
    """Detects failed reads, which FastStream only logs before it sleeps for 5 s."""

    def __init__(self, trouble: asyncio.Event) -> None:
        self._trouble = trouble

    def log(
        self,
        level: int,
        msg: object,
        /,
        *,
        exc_info: object = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        if level >= logging.ERROR:
            _logger.debug("FastStream: %s: %s", msg, exc_info, extra=extra)
            self._trouble.set()


async def _parse(message: Mapping[str, Any]) -> RedisBatchStreamMessage:
    return RedisBatchStreamMessage(
        raw_message=message, body=b"", consumer=FAKE_CONSUMER, group=None
    )


async def _decode(message: RedisBatchStreamMessage) -> list[Entry]:
    raw = message.raw_message
    field = FIELD_EVENT.encode()
    return [
        Entry(entry, fields.get(field, b""))
        for entry, fields in zip(raw["message_ids"], raw["data"], strict=True)
    ]
