"""`dvk demo --trust`: a ledger of its own begins trust, and what must be refused is refused."""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from services.console.client.published_comparison import compare
from services.console.commands.complaints import complain
from services.console.commands.demo import settings_of_its_own
from services.console.commands.up import asked_to_end
from services.console.datasets.sample import sample_events
from services.console.local.data_directory import CannotStart
from services.console.local.ledger import Interrupted, Ledger, running, wait_until_complete
from services.console.output.texts import Terminal, said_on
from services.console.trust import beginning, statements
from shared.client.delivery import Delivery, Undeliverable
from shared.trust.keys import SecretKey
from shared.trust.signing import Signer
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from shared.client.delivery import Item
    from shared.settings import Settings

REALM = "dvk.demo"
_PERSON = re.compile(rb'_ref":"([^"]+)"')
SAMPLE, OTHER = "dvk-sample", "bac-giang"
"""The publisher of the sample, and one that may speak for another province only."""
_COUNTRY, _OTHER_PROVINCE, _CITY = "vn", "gso-2004-24", "gso-2004-058"
_FROM = "2004-01-01"


def demo_of_trust(environment: Mapping[str, str], console: Terminal) -> int:
    """Run the demonstration; 0 only if everything happened as it must."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping, settings_of_its_own(environment, console) as settings:
            well = _story(replace(settings, sample=False), stopping, console)
            say("Đã dừng mọi tiến trình.", "Everything is stopped.")
    except Interrupted:
        say("Đã dừng giữa chừng.", "Interrupted.")
        return 130
    except (CannotStart, Undeliverable, httpx.HTTPError) as error:
        complain(console, error)
        return 1
    return 0 if well else 1


def _with_references(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event of the sample with references of the form that trust demands."""
    refs: Mapping[str, Any] = orjson.loads(_PERSON.sub(_reference, orjson.dumps(event)))
    return refs


def _reference(found: re.Match[bytes]) -> bytes:
    """Return a reference in place of one of the sample, whose persons do not exist."""
    letters = b32encode(sha256(found[1]).digest()).decode().lower()[:26]
    return f'_ref":"p-{letters}"'.encode()


def _story(settings: Settings, stopping: Event, console: Terminal) -> bool:
    say = said_on(console)
    events = [_with_references(each) for each in sample_events()]
    units = [each for each in events if each["type"] == "dvk.UnitOpened.v1"]
    rest = [each for each in events if each["type"] != "dvk.UnitOpened.v1"]
    with running(settings, say=say, stopping=stopping) as ledger:
        tale = _Tale(ledger, console)
        tale.all_taken(
            tale.send(units),
            "Khi chưa có chế độ ký, {count} đơn vị được ghi mà không cần chữ ký.",
            "Before trust, {count} units are recorded without a signature.",
        )
    roots = beginning.roots_of_one_machine(settings)
    digest = beginning.begin(settings, REALM, roots, 1)
    say(
        f"Chế độ ký bắt đầu, mãi mãi. Mã băm cần đối chiếu: {digest}",
        f"Trust begins, for ever. The digest to pin: {digest}",
    )
    with running(settings, say=say, stopping=stopping) as ledger:
        second = _Tale(ledger, console)
        ((root, key),) = roots.items()
        _after_the_beginning(second, statements.Sender(root, key, REALM, "", None), rest)
    return not tale.wrong and not second.wrong


def _after_the_beginning(
    tale: _Tale, root: statements.Sender, rest: Sequence[Mapping[str, Any]]
) -> None:
    sample, other = SecretKey.new(), SecretKey.new()
    tale.refused(
        tale.send(rest[:1]),
        "unsigned",
        "Sự kiện không ký bị từ chối.",
        "An event without a signature is refused.",
    )
    tale.given(root, SAMPLE, _COUNTRY, sample)
    tale.given(root, OTHER, _OTHER_PROVINCE, other)
    sent = tale.send(rest, sample)
    tale.all_taken(
        sent,
        "{count} sự kiện mẫu đã ký được ghi.",
        "{count} events of the sample, signed, are recorded.",
    )
    tale.agrees()
    (own,) = (each for each in rest if each["id"] == sent[0]["id"])
    tale.refused(
        tale.send([_registration(_CITY, OTHER)], other),
        "outside_grant",
        f"{OTHER} nói thay thành phố Bắc Kạn: bị từ chối.",
        f"{OTHER} speaks for the city of Bắc Kạn: refused.",
    )
    tale.all_taken(
        tale.send([_registration(_OTHER_PROVINCE, OTHER)], other),
        f"{OTHER} nói về tỉnh của mình: được ghi.",
        f"{OTHER} speaks for its own province: recorded.",
    )
    tale.refused(
        tale.send([_registration(_CITY, SAMPLE)], other),
        "foreign_key",
        f"{OTHER} mạo danh {SAMPLE}: bị từ chối.",
        f"{OTHER} pretends to be {SAMPLE}: refused.",
    )
    _revoked(tale, root, sample, own, sent[0])
    tale.agrees()


def _revoked(
    tale: _Tale, root: statements.Sender, key: SecretKey, own: Mapping[str, Any], before: Item
) -> None:
    """Revoke the key of the sample: what it signed stays, and nothing new is accepted."""
    tale.stated(root, "KeyRevoked", SAMPLE, {"key_id": key.key_id, "why": "lost"})
    tale.refused(
        tale.send([_registration(_CITY, SAMPLE)], key),
        "key_revoked",
        "Sự kiện mới ký bằng khóa đã thu hồi: bị từ chối.",
        "A new event signed by the revoked key: refused.",
    )
    (again,) = tale.send([own], key)
    tale.mark(
        (again["status"], again["position"]) == ("duplicate", before["position"]),
        "Sự kiện cũ gửi lại vẫn ở đúng vị trí cũ.",
        "An old event sent again keeps its position.",
    )


def _registration(unit_id: str, publisher: str) -> dict[str, Any]:
    name = f"{publisher}-{unit_id}"
    data = {
        "occurred_on": "2022-03-01",
        "registration_id": f"demo-{name}",
        "model_id": f"demo-{name}",
        "title": "Tuyến đường hoa tự quản",
        "plan_year": 2023,
        "registration_kind": "new",
        "owner_kind": "collective",
        "field_code": "economy",
        "block_code": "commune",
        "unit_id": unit_id,
    }
    return statements.envelope("ModelRegistered", f"registration/demo-{name}", data, publisher)


@dataclass
class _Tale:
    """The demonstration as it goes on: each step is printed with its mark."""

    ledger: Ledger
    console: Terminal
    wrong: list[str] = field(default_factory=list)

    def send(self, events: Sequence[Mapping[str, Any]], key: SecretKey | None = None) -> list[Item]:
        """Send events, signed if there is a key; return their items."""
        signer = None if key is None else Signer(key, REALM)
        ledger = self.ledger
        delivery = Delivery(ledger.client, ledger.addresses, patience_seconds=30, signer=signer)
        lines = [orjson.dumps(each) for each in events]
        return [item for items in delivery.send_all(lines) for item in items]

    def given(self, root: statements.Sender, publisher: str, unit_id: str, key: SecretKey) -> None:
        """Authorise a publisher for a unit, and add its key."""
        right = {
            "grant_id": f"{publisher}.{unit_id}",
            "unit_id": unit_id,
            "families": [each.value for each in Family],
            "powers": ["publish", "grant"] if unit_id == _COUNTRY else ["publish"],
            "speaks_from": _FROM,
        }
        self.stated(root, "PublisherAuthorized", publisher, right)
        proof = key.proof(REALM, publisher)
        new_key = {"key": key.written, "use": "events", "proof": proof}
        self.stated(root, "KeyAdded", publisher, new_key)

    def stated(
        self, root: statements.Sender, name: str, about: str, data: Mapping[str, Any]
    ) -> None:
        """Send an authority event of the root, which must be accepted."""
        event = statements.about_publisher(name, about, data, root)
        delivery = Delivery(self.ledger.client, self.ledger.addresses)
        items = delivery.send(Family.REGISTRY, [event])
        vietnamese = self.console.words.event(f"dvk.{name}.v1")
        self.all_taken(items, f"{root.publisher}: {vietnamese} ({about}).", f"{name} for {about}.")

    def all_taken(self, items: Sequence[Item], vietnamese: str, english: str) -> None:
        """Print that all were recorded, or some not."""
        taken = all(item["status"] == "accepted" for item in items)
        count = len(items)
        self.mark(taken, vietnamese.format(count=count), english.format(count=count))

    def refused(self, items: Sequence[Item], code: str, vietnamese: str, english: str) -> None:
        """Print that an event was refused for the right reason, or not."""
        problems = [item["problem"] or {} for item in items]
        found = ", ".join(problem.get("code", "–") for problem in problems)
        self.mark(found == code, f"{vietnamese} ({found})", f"{english} ({found})")

    def agrees(self) -> None:
        """Print whether the published figures of the city agree."""
        wait_until_complete(self.ledger)
        compared, _ = compare(self.ledger.client, self.ledger.addresses.reporting)
        agreeing, count = sum(one.agrees for one in compared), len(compared)
        self.mark(
            agreeing == count,
            f"{agreeing}/{count} số liệu công bố của thành phố Bắc Kạn khớp với sổ.",
            f"{agreeing}/{count} published figures of the city of Bắc Kạn agree.",
        )

    def mark(self, well: bool, vietnamese: str, english: str) -> None:
        """Print one step with its mark, and remember a wrong one."""
        self.console.print("[bold green]✓[/]" if well else "[bold red]✗[/]", end=" ")
        said_on(self.console)(vietnamese, english)
        if not well:
            self.wrong.append(english)
