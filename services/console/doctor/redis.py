"""Redis: reachable, persistent, of this log, and with no entries waiting in the intake streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from redis.exceptions import RedisError, ResponseError

from services.console.doctor.commands import Commands
from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.bus.address import SENTINEL_PORT
from shared.bus.connections import RedisIsCluster, connect, faults_of_sentinels
from shared.bus.stream_limits import OFF
from shared.bus.streams import EVENTS, INTAKES, position_of, user_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis

    from shared.settings import Settings

WAITING_SECONDS = 60.0
FULL_SHARE = 0.9
BEHIND = 5_000
SCANNED = 1_000
_LATER = Bilingual(
    "Dòng nhập và hồi báo phải chờ; gửi qua HTTP vẫn được, không mất gì.",
    "Intake and receipts wait; publishing over HTTP goes on, and nothing is lost.",
)


def address_of(settings: Settings) -> str | None:
    """Return the address from the settings, else of the server that `dvk up` runs in this home."""
    if settings.redis_url:
        return settings.redis_url
    try:
        text = (settings.home / "redis" / "redis.conf").read_text("utf-8")
    except OSError:
        return None
    found = dict(re.findall(r"^(port|requirepass|bind) (\S+)$", text, re.MULTILINE))
    if found.keys() < {"port", "requirepass", "bind"}:
        return None
    return f"redis://:{quote(found['requirepass'])}@{found['bind']}:{found['port']}/0"


def check_redis(settings: Settings, head: int | None, now_seconds: float) -> Iterator[Finding]:
    """Check the server and the streams; `head` is the head of the log, None if unknown."""
    commands = Commands.of(settings)
    url = address_of(settings)
    if url is None:
        yield _gone(
            Bilingual("không biết Redis ở đâu", "the address of Redis is unknown"), commands
        )
        return
    if faults := faults_of_sentinels(url):
        yield _sentinels_lack(faults)
    with connect(url) as redis:
        try:
            redis.ping()
            yield check_memory(redis)
            if (role := check_role(redis)) is not None:
                yield role
            yield check_kept(redis)
            yield check_stream(redis, head, commands)
            yield check_intake(redis, now_seconds, commands)
            if (users := check_users(redis)) is not None:
                yield users
        except RedisIsCluster:
            yield broken(
                "redis",
                Bilingual(
                    "REDIS_URL trỏ tới một cụm Redis (cluster)",
                    "REDIS_URL leads to a Redis cluster",
                ),
                Bilingual(
                    "Không nhận, không hồi báo được gì qua Redis.",
                    "Nothing is taken in or answered over Redis.",
                ),
                Bilingual(
                    "Dùng một máy chủ, có Sentinel thay khi hỏng:",
                    "Use one server, which Sentinel may replace:",
                ),
                "docs/scale.md#redis-survives-a-machine",
            )
        except RedisError as error:
            yield _gone(
                Bilingual(
                    f"Redis không trả lời ({type(error).__name__})",
                    f"Redis does not answer ({type(error).__name__})",
                ),
                commands,
            )


def _sentinels_lack(faults: Mapping[str, str]) -> Finding:
    listed = "; ".join(f"{place}: {fault}" for place, fault in faults.items())
    return look(
        "redis_sentinels",
        Bilingual(listed, listed),
        Bilingual(
            "Máy chủ chính hỏng thì có thể không có máy thay.",
            "If the master fails, it may not be replaced.",
        ),
        Bilingual("Chạy lại sentinel đó, rồi hỏi nó:", "Start that sentinel, then ask it:"),
        f"redis-cli -p {SENTINEL_PORT} SENTINEL CKQUORUM NAME",
    )


def _gone(found: Bilingual, commands: Commands) -> Finding:
    go_on = commands.go_on("redis")
    return look(
        "redis",
        found,
        _LATER,
        *((Bilingual("Nếu nó bị dừng:", "If it was stopped:"), go_on) if go_on else ()),
        Bilingual(
            "Chạy lại Redis (mọi thứ tự theo kịp):", "Start it; everything catches up by itself:"
        ),
        commands.restart("redis") if go_on else commands.start("redis"),
        Bilingual("hoặc đặt REDIS_URL cho đúng.", "or correct REDIS_URL."),
    )


def check_memory(redis: Redis) -> Finding:
    """Check the memory: a full server refuses writes, and must not evict anything."""
    found: Mapping[str, Any] = redis.info("memory")
    used, most = int(found["used_memory"]), int(found.get("maxmemory", 0))
    policy = str(found.get("maxmemory_policy", "noeviction"))
    megabytes = used // 1_000_000
    if policy != "noeviction":
        return broken(
            "redis",
            Bilingual(f"maxmemory-policy là {policy}", f"maxmemory-policy is {policy}"),
            Bilingual(
                "Khi đầy, Redis tự bỏ sự kiện chưa vào sổ.",
                "When full it evicts events that are not in the log yet.",
            ),
            "redis-cli config set maxmemory-policy noeviction",
            Bilingual("và ghi vào deploy/redis/redis.conf.", "and write it into redis.conf."),
        )
    if most and used > FULL_SHARE * most:
        return look(
            "redis",
            Bilingual(
                f"bộ nhớ {number(megabytes)} MB, gần hết",
                f"{number_en(megabytes)} MB used, nearly full",
            ),
            Bilingual("Khi đầy, Redis từ chối ghi.", "When full it refuses to write."),
            Bilingual(
                "Xem dòng nào dài, rồi tăng maxmemory:", "See what is long; raise maxmemory:"
            ),
            "redis-cli --bigkeys",
        )
    return well(
        "redis", f"trả lời, dùng {number(megabytes)} MB", f"answers, {number_en(megabytes)} MB used"
    )


def check_role(redis: Redis) -> Finding | None:
    """Check that the server is no replica, which refuses every write."""
    found: Mapping[str, Any] = redis.info("replication")
    if found["role"] == "master":
        return None
    return broken(
        "redis_role",
        Bilingual("máy chủ này là bản sao (replica)", "this server is a replica"),
        Bilingual("Nó từ chối mọi lệnh ghi.", "It refuses every write."),
        Bilingual(
            "Đặt REDIS_URL cho máy chủ chính, hay cho các sentinel:",
            "Set REDIS_URL to the master, or to the sentinels:",
        ),
        "docs/scale.md#redis-survives-a-machine",
    )


def check_kept(redis: Redis) -> Finding:
    """Check persistence: intake entries exist only in Redis until they are in the log."""
    found: Mapping[str, Any] = redis.info("persistence")
    if not int(found["aof_enabled"]):
        return look(
            "redis_file",
            Bilingual("appendonly tắt", "appendonly is off"),
            Bilingual(
                "Redis chết thì sự kiện trong dòng nhập chưa được hồi báo sẽ mất.",
                "When it dies, intake entries that have no receipt yet are lost.",
            ),
            "redis-cli config set appendonly yes",
        )
    if found.get("aof_last_write_status", "ok") != "ok":
        return broken(
            "redis_file",
            Bilingual("không ghi được tệp của Redis", "Redis cannot write its file"),
            Bilingual("Redis từ chối mọi lệnh ghi.", "It refuses every write."),
            Bilingual("Dọn ổ đĩa của Redis:", "Make room on its disk:"),
            "redis-cli config get dir",
        )
    return well("redis_file", "ghi tệp (appendonly)", "writes its file (appendonly)")


def check_stream(redis: Redis, head: int | None, commands: Commands) -> Finding:
    """Compare the top of `dvk:events` with the head of the log."""
    try:
        info: Mapping[str, Any] = redis.xinfo_stream(EVENTS)
    except ResponseError:
        info = {}
    top = position_of(info["last-generated-id"]) if info else 0
    if head is None:
        return well(
            "stream", f"tới vị trí {number(top or 0)}", f"up to position {number_en(top or 0)}"
        )
    if top is None or top > head:
        return look(
            "stream",
            Bilingual(
                f"{EVENTS} tới vị trí {number(top or 0)}, sổ chỉ tới {number(head)}",
                f"{EVENTS} goes up to {number_en(top or 0)}, the log ends at {number_en(head)}",
            ),
            Bilingual("Dòng này thuộc một sổ khác.", "It is the stream of another log."),
            Bilingual(
                "Các dịch vụ tự thay nó khi chạy; nếu vẫn thế, REDIS_URL trỏ nhầm.",
                "Running services replace it by themselves; if it stays, REDIS_URL is wrong.",
            ),
        )
    behind = head - top
    missing = Bilingual(
        f"{EVENTS} thiếu {number(behind)} sự kiện", f"{EVENTS} lacks {number_en(behind)} events"
    )
    if behind <= BEHIND:
        return well(
            "stream", *(missing if behind else Bilingual("đủ tới đầu sổ", "reaches the head"))
        )
    return look(
        "stream",
        missing,
        Bilingual("Bảng tổng hợp theo sau một giây.", "The read models follow a second later."),
        Bilingual(
            "Xem relay chờ gì trong nhật ký:", "See in a service's log what the relay waits for:"
        ),
        commands.log("registry"),
    )


def check_intake(redis: Redis, now_seconds: float, commands: Commands) -> Finding:
    """Check for entries that stay: one leaves its intake stream only with its receipt."""
    waiting: list[tuple[float, int, str]] = []
    for key in redis.scan_iter(match=INTAKES, count=SCANNED):
        stream = key.decode()
        oldest: Any = redis.xrange(stream, count=1)
        if oldest:
            began = int(oldest[0][0].split(b"-")[0]) / 1_000
            waiting.append((now_seconds - began, int(redis.xlen(stream)), stream))
    seconds, count, stream = max(waiting, default=(0.0, 0, ""))
    if seconds <= WAITING_SECONDS:
        return well("intake", "không mục nào chờ lâu", "no entry waits for long")
    return broken(
        "intake",
        Bilingual(
            f"{stream}: {number(count)} mục, cũ nhất chờ {number(seconds)} giây",
            f"{stream}: {number_en(count)} entries, the oldest for {number_en(seconds)} s",
        ),
        Bilingual("Người gửi không được trả lời.", "Publishers get no answer."),
        Bilingual("Xem dịch vụ đó, rồi chạy lại nó:", "Look at that service, and start it again:"),
        commands.restart(stream.split(":")[2]),
    )


def check_users(redis: Redis) -> Finding | None:
    """Check for publishers that were switched off, usually by a service whose stream was full."""
    lines: Any = redis.acl_list()
    words = [(each.decode() if isinstance(each, bytes) else each).split() for each in lines]
    off = sorted(each[1] for each in words if each[1].startswith(user_of("")) and each[2] == OFF)
    if not off:
        return None
    names = ", ".join(off[:3]) + (" …" if len(off) > 3 else "")
    return look(
        "redis_users",
        Bilingual(
            f"{number(len(off))} nơi gửi bị khóa: {names}",
            f"{number_en(len(off))} are off: {names}",
        ),
        Bilingual(
            "Họ không gửi được qua Redis; qua HTTP vẫn được.",
            "They cannot publish over Redis; over HTTP they can.",
        ),
        Bilingual(
            "Dòng nhập của họ đã quá đầy: bảo họ chờ hồi báo, rồi mở lại:",
            "Their intake streams were too full: have them wait for receipts, then:",
        ),
        f"redis-cli ACL SETUSER {off[0]} on",
    )
