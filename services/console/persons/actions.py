"""The work of `dvk persons`, on the vault of this machine or of its database."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import orjson
import typer
from rich.text import Text

from services.console.client.http_client import client_for
from services.console.commands.complaints import complain, print_refused
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, both, said_on
from services.console.trust.actions import loaded, realm_of
from services.lists.persons.erasure import PERSON_HELD, Erasure, ErasureRequest, Erasures, answer_by
from services.lists.persons.look_ups import LookUps
from services.lists.persons.vault import PersonVault
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.desk_signer import signer_of
from services.lists.uploads.events import PUBLISHER as DESK
from services.lists.uploads.store import DeskStore
from services.lists.web.texts import DeskTexts
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery, Undeliverable
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.trust.signing import Signer
from shared.vocabulary import ErasureGround, Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shared.settings import Settings

_DOCUMENT = "văn bản giải quyết yêu cầu"


@dataclass(frozen=True, slots=True)
class Sending:
    """The publisher of the events of erasures, its key if trust has begun, and where to."""

    publisher: str
    key: Path | None
    realm: str | None
    to: str

    def signer(self, settings: Settings) -> Signer | None:
        """Return what signs the events: the key, else the desk's own for the desk.

        None before trust; ends the command if trust began and no key is known.
        """
        if self.key is not None:
            return Signer(loaded(self.key), realm_of(self.realm, settings))
        own = signer_of(settings) if self.publisher == DESK else None
        if own is None and settings.kept_trust is not None:
            message = both(
                f"Sổ cái đã bắt đầu chế độ ký: hãy thêm --key, khóa của {self.publisher}.",
                f"Trust has begun: state --key, the key of {self.publisher}.",
            )
            raise typer.BadParameter(message)
        return own


def requested(ground: str, requested_on: str, document: str | None) -> ErasureRequest:
    """Return a request to erase as stated; ends the command if it is wrong."""
    try:
        stated = ErasureGround(ground)
    except ValueError:
        known = ", ".join(ErasureGround)
        message = both(f"--ground {ground}: chỉ nhận {known}", f"--ground {ground}: one of {known}")
        raise typer.BadParameter(message) from None
    try:
        day = date.fromisoformat(requested_on)
    except ValueError:
        message = both(
            f"--requested-on {requested_on}: ghi năm-tháng-ngày", "--requested-on: year-month-day"
        )
        raise typer.BadParameter(message) from None
    of = None if document is None else {"kind": _DOCUMENT, "number": document}
    return ErasureRequest(stated, day, of)


def show(settings: Settings, reference: str, reason: str, console: Terminal) -> int:
    """Show the name behind a reference; 0 if there is one."""
    with _vault(settings, console) as vault:
        found = LookUps(vault, system_clock).name(reference, _user(), reason, lambda _: True)
    words = DeskTexts("vi" if console.pick("vi", "en") == "vi" else "en")
    console.print(Text(found.name or words(f"look_up_{found.outcome.value}")), soft_wrap=True)
    return 0 if found.name else 1


def list_look_ups(settings: Settings, reference: str | None, count: int, console: Terminal) -> None:
    """List look-ups, the newest first."""
    with _vault(settings, console) as vault:
        found = LookUps(vault, system_clock).latest(count, reference)
    words = DeskTexts("vi" if console.pick("vi", "en") == "vi" else "en")
    table = plain_table()
    for head in ("received", "look_up_reader", "person_ref", "look_up_reason", "state"):
        table.add_column(words(head))
    for each in found:
        reason = words("look_up_reason_gone") if each.reason is None else each.reason
        cells = (each.reader, each.person_ref, reason, words(f"look_up_{each.outcome.value}"))
        table.add_row(words.moment(each.looked_us), *(Text(cell) for cell in cells))
    show_table(console, words("look_ups"), table)


def hold(settings: Settings, reference: str, ground: str, console: Terminal) -> int:
    """Let a person not be erased."""
    with _vault(settings, console) as vault:
        Erasures(vault, system_clock).hold(reference, ground, _user())
    said_on(console)(f"{reference} không được xóa: {ground}", f"{reference} is on hold.")
    return 0


def release(settings: Settings, reference: str, console: Terminal) -> int:
    """End the hold on a person; 1 if there was none."""
    with _vault(settings, console) as vault:
        ended = Erasures(vault, system_clock).release(reference)
    if ended:
        said_on(console)(f"{reference} được xóa lại.", f"The hold on {reference} has ended.")
    else:
        said_on(console)(f"{reference} không bị giữ.", f"{reference} was not on hold.")
    return 0 if ended else 1


def erase(
    settings: Settings,
    reference: str,
    request: ErasureRequest,
    sending: Sending,
    console: Terminal,
) -> int:
    """Erase a person and publish it; 0 done, 1 refused, 2 wrong, 3 erased and not yet published."""
    signer = sending.signer(settings)
    with _vault(settings, console) as vault:
        erasures = Erasures(vault, system_clock, f"/publishers/{sending.publisher}")
        try:
            erased = erasures.erase(reference, request, _user())
        except LedgerError as error:
            complain_of(error, console)
            return 1 if error.problem.rule is PERSON_HELD else 2
        said_on(console)(
            f"Đã xóa họ tên và khóa của {reference}. Trả lời người yêu cầu chậm nhất ngày "
            f"{answer_by(request.requested_on).isoformat()}.",
            "The name and the key are erased. Answer the request by that day.",
        )
        return _sent(erasures, [erased], signer, sending.to, console)


def publish(settings: Settings, sending: Sending, console: Terminal) -> int:
    """Publish the erasures that the ledger does not have yet."""
    signer = sending.signer(settings)
    with _vault(settings, console) as vault:
        erasures = Erasures(vault, system_clock)
        return _sent(erasures, erasures.unpublished(), signer, sending.to, console)


def _sent(
    erasures: Erasures, erased: list[Erasure], signer: Signer | None, to: str, console: Terminal
) -> int:
    with client_for(to, 60) as client:
        try:
            delivery = Delivery(client, addresses_at(to, client), 60, signer=signer)
            wrong = publish_erasures(erasures, erased, delivery, console)
        except (Undeliverable, LedgerError) as error:
            complain(console, error)
            wrong = True
    if wrong:
        said_on(console)(
            "Sổ cái chưa ghi; hãy chạy dvk persons publish sau.",
            "The ledger does not have it yet; run dvk persons publish later.",
        )
    return 3 if wrong else 0


def publish_erasures(
    erasures: Erasures, erased: Iterable[Erasure], delivery: Delivery, console: Terminal
) -> bool:
    """Send the events of erasures; return whether the ledger did not take one."""
    say = said_on(console)
    wrong = False
    for each in erased:
        (item,) = delivery.send(Family.REGISTRY, [orjson.dumps(each.event)])
        if item["status"] in {"accepted", "duplicate"}:
            erasures.published(each.person_ref, item["position"])
            say(
                f"Đã ghi sổ tại vị trí {item['position']}.",
                f"Recorded at position {item['position']}.",
            )
        else:
            print_refused(console, item)
            wrong = True
    return wrong


def complain_of(error: LedgerError, console: Terminal) -> None:
    """Say what is wrong in both languages."""
    rule, params = error.problem.rule, error.problem.params
    said = both(rule.words("vi", params), rule.words("en", params))
    console.print(Text(said, style="bold red"), soft_wrap=True)


@contextmanager
def _vault(settings: Settings, console: Terminal) -> Iterator[PersonVault]:
    """Give the vault of the settings; ends the command with 2 if it cannot be used."""
    if not settings.lists_key.exists():
        message = both(
            f"Không có {settings.lists_key}: máy này không có bàn danh sách.",
            f"There is no {settings.lists_key}: this machine has no list desk.",
        )
        raise typer.BadParameter(message)
    store = None
    try:
        key = key_of(settings.lists_key)
        store = DeskStore(settings.lists_url, key)
        yield PersonVault(store, key)
    except LedgerError as error:
        complain_of(error, console)
        raise typer.Exit(2) from error
    finally:
        if store is not None:
            store.close()


def _user() -> str:
    """Return the user of the machine, as look-ups and holds record it."""
    return f"machine:{getpass.getuser()}"
