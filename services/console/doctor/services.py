"""The services: reachable, ready, their metrics, release and clock."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.doctor.list_desk import desk_lacks
from services.console.local.data_directory import port_taken
from services.console.output.texts import number, number_en
from shared.client.addresses import is_loopback
from shared.clock import MICROSECONDS, Clock
from shared.web.server.application import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.console.doctor.commands import Commands
    from shared.client.addresses import Addresses

SKEW_SECONDS = 3.0
DAYS = 86_400
QUEUE = 10_000
BEHIND_SECONDS = 60
_NO_EVENTS = Bilingual(
    "Không gửi được sự kiện thuộc dịch vụ này.", "Its events cannot be published."
)
_NO_LISTS = Bilingual(
    "Không nộp được danh sách; sổ vẫn ghi như thường.",
    "No list can be uploaded; the log is not affected.",
)


def check_services(
    client: httpx.Client, addresses: Addresses, clock: Clock, commands: Commands
) -> Iterator[Finding]:
    """Check each service and the list desk; where none listens, that is one finding."""
    named = {**dict(addresses.named()), "lists": addresses.lists}
    found = {
        name: list(check_service(client, name, address, clock, commands))
        for name, address in named.items()
        if address
    }
    if all(
        each[0].check == name and each[0].found == _absent(named[name])
        for name, each in found.items()
    ):
        yield broken(
            "services",
            Bilingual(
                f"không có sổ nào chạy tại {addresses.reporting}",
                f"no ledger runs at {addresses.reporting}",
            ),
            Bilingual("Không gửi, không đọc được gì.", "Nothing can be published or read."),
            Bilingual("Chạy sổ, lúc nào cũng an toàn:", "Start it, which is always safe:"),
            commands.start("registry evaluation reporting"),
        )
        return
    for each in found.values():
        yield from each


def check_service(
    client: httpx.Client, name: str, address: str, clock: Clock, commands: Commands
) -> Iterator[Finding]:
    """Check one service; one that does not answer gets no further requests."""
    try:
        answer = client.get(f"{address}/readyz")
        checks = answer.json().get("checks", {}) if answer.headers["content-type"] else {}
    except httpx.TransportError as error:
        yield _does_not_answer(name, address, error, commands)
        return
    except (ValueError, KeyError, AttributeError):
        yield _another_program(name, address)
        return
    if answer.status_code == HTTPStatus.MISDIRECTED_REQUEST:
        yield _under_another_name(name, address, commands)
        return
    yield check_ready(name, answer.is_success, checks, commands)
    yield from check_date(client, name, address, clock)
    yield from check_release(client, name, address)
    yield from check_counts(client, name, address)


def _does_not_answer(
    name: str, address: str, error: httpx.TransportError, commands: Commands
) -> Finding:
    url = httpx.URL(address)
    listening = is_loopback(url.host) and url.port and port_taken(url.host, url.port)
    go_on = commands.go_on(name)
    if listening or isinstance(error, httpx.TimeoutException):
        return broken(
            name,
            Bilingual(
                f"{address} im lặng: tiến trình kẹt hoặc bị dừng",
                f"{address} is silent: stuck or stopped",
            ),
            Bilingual("Người gửi và người đọc phải chờ.", "Publishers and readers wait."),
            *((Bilingual("Cho nó chạy tiếp:", "Resume it:"), go_on) if go_on else ()),
            Bilingual("Hoặc chạy lại nó:", "Or start it again:"),
            commands.restart(name),
        )
    return broken(
        name,
        _absent(address),
        _NO_LISTS if name == "lists" else _NO_EVENTS,
        Bilingual("Xem nhật ký:", "Look at its log:"),
        commands.log(name),
        Bilingual("rồi chạy nó, lúc nào cũng an toàn:", "then start it, which is always safe:"),
        commands.start(name),
    )


def _absent(address: str) -> Bilingual:
    return Bilingual(f"{address} không trả lời", f"{address} does not answer")


def _another_program(name: str, address: str) -> Finding:
    return broken(
        name,
        Bilingual(
            f"chương trình khác trả lời tại {address}", f"another program answers at {address}"
        ),
        Bilingual("Dịch vụ không nhận được cổng của mình.", "The service did not get its port."),
        Bilingual("Chọn cổng khác:", "Choose other ports:"),
        "DVK_PORT=9080 dvk up",
    )


def _under_another_name(name: str, address: str, commands: Commands) -> Finding:
    host = httpx.URL(address).host
    return broken(
        name,
        Bilingual(f"không trả lời dưới tên {host}", f"does not answer under the name {host}"),
        Bilingual("Yêu cầu gửi tới tên này bị từ chối (421).", "It refuses such requests (421)."),
        Bilingual(
            "Nếu đó là tên của sổ, ghi nó vào DVK_ALLOWED_HOSTS (trung tâm dữ liệu: PUBLIC_HOST "
            "trong .env) rồi chạy lại:",
            "If the name is the ledger's, put it into DVK_ALLOWED_HOSTS (in a data centre: "
            "PUBLIC_HOST in .env) and start it again:",
        ),
        commands.start(name),
    )


def check_ready(
    name: str, ready: bool, checks: Mapping[str, Mapping[str, object]], commands: Commands
) -> Finding:
    """Report the failing checks of a service, in its own words."""
    lacking = {
        key: str(result.get("reason", "")) for key, result in checks.items() if not result.get("ok")
    }
    if ready and not lacking:
        return well(name, "sẵn sàng", "ready")
    listed = "; ".join(f"{key}: {reason}" for key, reason in lacking.items())
    if ready and name == "lists":
        return desk_lacks(listed, commands)
    if ready:
        return look(
            name,
            Bilingual(f"sẵn sàng, nhưng thiếu {listed}", f"ready, but without {listed}"),
            Bilingual("Làm việc được, chậm hơn.", "It works, with a delay."),
            Bilingual("Xem dòng redis ở trên hoặc dưới.", "See the row redis."),
        )
    return broken(
        name,
        Bilingual(f"chưa sẵn sàng — {listed}", f"not ready: {listed}"),
        Bilingual("Dịch vụ trả lời 503.", "It answers 503."),
        Bilingual(
            "Chữa điều nêu trên; các dòng khác của bảng nói rõ hơn. Nhật ký:",
            "Fix what it reports; other rows may say more. Its log:",
        ),
        commands.log(name),
    )


def check_date(client: httpx.Client, name: str, address: str, clock: Clock) -> Iterator[Finding]:
    """Compare the clock of a service's machine with this one; the header has whole seconds.

    A slow answer carries an earlier time; only a difference from both ends of the request is skew.
    """
    asked = clock() / MICROSECONDS
    try:
        answer = client.get(f"{address}/healthz")
        theirs = parsedate_to_datetime(answer.headers["date"]).astimezone(UTC).timestamp()
    except (httpx.HTTPError, KeyError, ValueError):
        return
    skew = min((theirs - asked, theirs - clock() / MICROSECONDS), key=abs)
    sign = "+" if skew > 0 else ""
    if abs(skew) > SKEW_SECONDS:
        yield look(
            f"{name}.clock",
            Bilingual(
                f"đồng hồ lệch {sign}{number(skew)} giây",
                f"its clock differs by {sign}{number_en(skew)} s",
            ),
            Bilingual("Thời điểm ghi của sự kiện sẽ sai.", "Recorded times will be wrong."),
            Bilingual(
                "Bật đồng bộ thời gian trên mọi máy:", "Let every machine keep network time:"
            ),
            "timedatectl status",
        )


def check_release(client: httpx.Client, name: str, address: str) -> Iterator[Finding]:
    """Compare the release of a service with that of this command."""
    try:
        theirs = client.get(f"{address}/openapi.json").json()["info"]["version"]
    except (httpx.HTTPError, ValueError, KeyError):
        return
    if theirs != VERSION:
        yield look(
            f"{name}.release",
            Bilingual(
                f"chạy bản {theirs}, lệnh này là {VERSION}", f"runs {theirs}, this is {VERSION}"
            ),
            Bilingual(
                "Hai bản có thể hiểu sổ khác nhau.", "Two releases may read the log differently."
            ),
            Bilingual("Nâng cấp theo:", "Upgrade as described in:"),
            "docs/operations.md#upgrade",
        )


def check_counts(client: httpx.Client, name: str, address: str) -> Iterator[Finding]:
    """Check a service's metrics: events parked for days, the queue, a restored log, a standby."""
    try:
        page = client.get(f"{address}/metrics").raise_for_status().text
    except httpx.HTTPError:
        return
    value: dict[str, float] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            value[sample.name] = max(sample.value, value.get(sample.name, sample.value))
    if value.get("dvk_log_restored", 0):
        yield _restored(name)
    if (oldest := value.get("dvk_parked_oldest_seconds", 0)) > 2 * DAYS:
        count = int(value.get("dvk_parked_events", 0))
        yield _parked(name, address, count, int(oldest // DAYS))
    if (queued := value.get("dvk_append_queue_events", 0)) > QUEUE:
        yield _queued(name, int(queued))
    if (seconds := value.get("dvk_replica_behind_seconds", 0)) > BEHIND_SECONDS:
        yield _behind(name, seconds)


def _restored(name: str) -> Finding:
    return broken(
        f"{name}.log",
        Bilingual("đã đọc lịch sử mà sổ không còn giữ", "has read what the log no longer holds"),
        Bilingual("Nó không ghi nữa, để không cấp lại vị trí.", "It appends no more, on purpose."),
        Bilingual("Làm từng bước theo:", "Go step by step through:"),
        "docs/operations.md#a-backup-restored-to-an-older-moment",
    )


def _parked(name: str, address: str, count: int, days: int) -> Finding:
    return look(
        f"{name}.parked",
        Bilingual(
            f"{number(count)} sự kiện phải chờ, lâu nhất {number(days)} ngày",
            f"{number_en(count)} events wait, the oldest for {number_en(days)} days",
        ),
        Bilingual(
            "Chúng chưa được tính; hết hạn thì bị từ chối.", "Not counted yet; refused in the end."
        ),
        Bilingual(
            "Xem chúng chờ gì, hỏi người gửi:", "See what they wait for, and ask its publisher:"
        ),
        f"curl '{address}/parked?limit=20'",
    )


def _queued(name: str, count: int) -> Finding:
    return look(
        f"{name}.queue",
        Bilingual(
            f"{number(count)} sự kiện chờ ghi", f"{number_en(count)} events wait to be appended"
        ),
        Bilingual("Tới 20.000 người gửi nhận 429.", "At 20,000 publishers get 429."),
        Bilingual("Xem dòng khóa ghi và ổ đĩa.", "See the rows of the append lock and the disk."),
    )


def _behind(name: str, seconds: float) -> Finding:
    return look(
        f"{name}.replica",
        Bilingual(
            f"bản sao có thể chậm {number(seconds)} giây",
            f"its standby may be {number_en(seconds)} s behind",
        ),
        Bilingual("Nó không trả lời về hiện tại.", "It does not answer for the present."),
        Bilingual("Xem vì sao, theo:", "Find out why, by:"),
        "docs/operations.md#followerbehind",
    )
