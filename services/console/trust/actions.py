"""The work of `dvk key`, `dvk sign` and `dvk trust`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import typer

from services.console.commands.complaints import complain, print_refused
from services.console.datasets.nation.lineage import COUNTRY
from services.console.local.data_directory import CannotStart
from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.console.people.actions import link
from services.console.people.one_machine import (
    OFFICER,
    first_accounts,
    is_one_machine,
    renew_token,
)
from services.console.trust import beginning, statements
from shared.client.delivery import Undeliverable
from shared.errors import BrokenContract, LedgerError
from shared.trust.keys import (
    SIGNATURE_BYTES,
    SecretKey,
    from_base64,
    key_id_of,
    possession,
    public_key,
    verifies,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from services.console.trust.statements import Sender
    from shared.settings import Settings
    from shared.trust.signing import Signer

_SIGNED_AT_ONCE = 512


def loaded(path: Path) -> SecretKey:
    """Return the key of a file; ends the command if it cannot be used."""
    try:
        return SecretKey.load(path)
    except BrokenContract as error:
        raise typer.BadParameter(_words(error)) from None


def realm_of(stated: str | None, settings: Settings) -> str:
    """Return the realm to sign for; it is never asked of a ledger, which could name another's."""
    realm = stated or settings.kept_realm
    if realm is None:
        raise typer.BadParameter(
            both(
                "Hãy nêu --realm hoặc đặt DVK_REALM: chữ ký chỉ có giá trị trong phạm vi này.",
                "State --realm, or set DVK_REALM: a signature holds for this realm only.",
            )
        )
    return realm


def new_key(path: Path, console: Terminal) -> None:
    """Make a key file and show its public part."""
    key = SecretKey.new()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key.save(path)
    except FileExistsError:
        raise typer.BadParameter(
            both(f"{path} đã có; không ghi đè khóa.", f"{path} exists; a key is not replaced.")
        ) from None
    said_on(console)(f"Đã tạo khóa trong {path}; hãy giữ kín tệp này.", f"keep {path} secret")
    show_key(key, console)


def show_key(key: SecretKey, console: Terminal) -> None:
    """Show the id and the public part of a key."""
    console.print(f"{key.key_id}\n{key.written}", highlight=False)


def request_key(key: SecretKey, publisher: str, realm: str, console: Terminal) -> None:
    """Print the request that a grantor gets: the public key, and the proof that it is held."""
    request = {
        "publisher_id": publisher,
        "key": key.written,
        "proof": key.proof(realm, publisher),
        "realm": realm,
    }
    console.print(orjson.dumps(request).decode(), highlight=False, soft_wrap=True)


def sign_file(file: Path, out: Path, signer: Signer) -> int:
    """Write the events of a file signed to another; return how many lines were signed."""
    count = 0
    with file.open("rb") as lines, out.open("wb") as written:
        waiting: list[bytes] = []
        for line in lines:
            waiting += [line.strip()] if line.strip() else []
            if len(waiting) == _SIGNED_AT_ONCE:
                count += _write_signed(waiting, signer, written)
                waiting = []
        count += _write_signed(waiting, signer, written)
    return count


def _write_signed(lines: Sequence[bytes], signer: Signer, written: Any) -> int:  # noqa: ANN401  a file
    signed = signer.signed(lines)
    written.writelines(line + b"\n" for line in signed)
    return sum(after != before for before, after in zip(lines, signed, strict=True))


def begin(
    settings: Settings,
    realm: str,
    roots: Mapping[str, SecretKey],
    threshold: int | None,
    console: Terminal,
    *,
    seals: beginning.SealKeys = beginning.SealKeys(),  # noqa: B008  it is immutable
) -> int:
    """Begin trust, and show the digest to pin."""
    say = said_on(console)
    chosen = dict(roots) or beginning.roots_of_one_machine(settings)
    needed = threshold or min(2, len(chosen))
    try:
        digest = beginning.begin(settings, realm, chosen, needed, seals)
        say(
            "Sổ cái đã bắt đầu chế độ ký. Từ nay sự kiện nào cũng phải có chữ ký.",
            "Trust has begun. From now on every event must be signed.",
        )
        console.print(f"DVK_TRUST={digest}\nDVK_REALM={realm}", highlight=False)
        if not roots:
            _prepare_machine(settings, realm, _only(chosen), console)
    except CannotStart as error:
        complain(console, error)
        return 1
    except LedgerError as error:
        complain(console, CannotStart.for_reason(error))
        return 1
    if roots or not is_one_machine(settings):
        say(
            "Hãy ghi DVK_TRUST vào cấu hình của mọi dịch vụ và giao cho kiểm toán viên, rồi khởi "
            "động lại. Từ nay phải đăng nhập để xem nội dung không công khai: docs/operations.md, "
            "mục People.",
            "Set DVK_TRUST for all services, give it to the auditors, and start again. From now on "
            "what is not public needs a sign-in: docs/operations.md, People.",
        )
    else:
        say(
            "Hãy giao DVK_TRUST cho kiểm toán viên. Sổ đang chạy không cần khởi động lại.",
            "Give DVK_TRUST to the auditors. A running ledger needs no restart.",
        )
    return 0


def _prepare_machine(
    settings: Settings, realm: str, root: tuple[str, SecretKey], console: Terminal
) -> None:
    """Authorise the list desk, and give the one officer of a machine an account with roles."""
    say = said_on(console)
    country = beginning.country_of(settings)
    machine = beginning.Machine(settings, realm, *root, country or COUNTRY)
    machine.authorize_desk()
    say(
        f"Bàn danh sách có khóa riêng trong {settings.signing_key} và được gửi cho cả nước.",
        f"The list desk has its own key in {settings.signing_key}, for the whole country.",
    )
    if is_one_machine(settings):
        machine.grant_roles(first_accounts(settings))
        renew_token(settings)
        say(
            "Từ nay phải đăng nhập để xem nội dung không công khai.",
            "From now on what is not public needs a sign-in.",
        )
        link(OFFICER, settings, console)
    if country is None:
        say(
            "Sổ chưa có bản đồ: các quyền trên có hiệu lực khi nạp bản đồ, trong vòng "
            f"{number(settings.park_days)} ngày, bằng dvk load-map --key.",
            "The log has no map yet: these rights take effect when it is loaded, within "
            f"{number_en(settings.park_days)} days, by dvk load-map --key.",
        )


def _only(roots: Mapping[str, SecretKey]) -> tuple[str, SecretKey]:
    ((name, key),) = roots.items()
    return name, key


def state(name: str, about: str, data: Mapping[str, Any], sender: Sender, console: Terminal) -> int:
    """Make a signed authority event and send it; 0 if it was accepted or written."""
    return send(statements.about_publisher(name, about, data, sender), sender, console)


def send(event: bytes, sender: Sender, console: Terminal) -> int:
    """Send a signed event; 0 if it was accepted or written, 1 if not, 2 without an answer."""
    say = said_on(console)
    try:
        item = statements.deliver(event, sender.to, sender.out)
    except Undeliverable as error:
        complain(console, error)
        return 2
    if item is None:
        say(f"Đã ghi sự kiện vào {sender.out}.", f"The event is in {sender.out}.")
        return 0
    identifier = orjson.loads(event)["id"]
    if item["status"] in {"accepted", "duplicate"}:
        say(
            f"Đã ghi sổ tại vị trí {item['position']} (mã sự kiện {identifier}).",
            f"Recorded at position {item['position']} (event {identifier}).",
        )
        return 0
    print_refused(console, item)
    return 1


def requested(file: Path, realm: str) -> dict[str, str]:
    """Return the key of a request of `dvk key request`; ends the command if the proof is wrong."""
    try:
        request = orjson.loads(file.read_bytes())
        public = public_key(request["key"]) or b""
        publisher, proof = request["publisher_id"], request["proof"]
    except (ValueError, KeyError, TypeError):
        raise typer.BadParameter(
            both(f"{file} không phải yêu cầu thêm khóa.", f"{file} is no request for a key.")
        ) from None
    key = {"publisher_id": publisher, "key": request["key"], "proof": proof}
    if not _is_held(public, publisher, realm, proof):
        raise typer.BadParameter(
            both(
                f"Yêu cầu không chứng minh được {publisher} giữ khóa này trong phạm vi {realm}.",
                f"The request does not prove that {publisher} holds this key for {realm}.",
            )
        )
    return key


def _is_held(public: bytes, publisher: str, realm: str, proof: str) -> bool:
    signature = from_base64(proof, SIGNATURE_BYTES)
    message = possession(realm, publisher, key_id_of(public))
    return signature is not None and verifies(public, message, signature)


def _words(error: LedgerError) -> str:
    rule, params = error.problem.rule, error.problem.params
    return both(rule.words("vi", params), rule.words("en", params))
