"""The command lines of `dvk key` and `dvk trust`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address, PolicyFile, Vkey, moment
from services.console.output.texts import both
from shared.settings import Settings

if TYPE_CHECKING:
    from services.console.trust.statements import Sender

keys = typer.Typer(no_args_is_help=True, help="Khóa ký · Keys for signing.")
trust = typer.Typer(no_args_is_help=True, help="Ai được gửi gì · Who may speak for what.")

KeyFile = Annotated[
    Path,
    typer.Option("--key", exists=True, dir_okay=False, help="Tệp khóa ký · The file of the key."),
]
AsPublisher = Annotated[
    str, typer.Option("--as", help="Nơi gửi đứng tên sự kiện · The publisher that sends.")
]
Realm = Annotated[
    str | None,
    typer.Option(help="Phạm vi chữ ký (hoặc DVK_REALM) · The realm (or DVK_REALM)."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Ghi vào tệp này, không gửi · Write to this file, send nothing."),
]
Publisher = Annotated[str, typer.Argument(help="Nơi gửi · The publisher.")]
Day = Annotated[str, typer.Option("--from", help="Ngày đầu, năm-tháng-ngày · The first day.")]


@keys.command()
def new(
    file: Annotated[Path, typer.Argument(help="Tệp khóa sẽ tạo · The file to make.")],
) -> None:
    """Tạo khóa mới · Make a new key."""
    from services.console.trust.actions import new_key  # noqa: PLC0415  loaded when needed

    new_key(file, plain_console())


@keys.command()
def show(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Tệp khóa · The file.")],
) -> None:
    """Mã và khóa công khai · The id and the public key."""
    from services.console.trust.actions import loaded, show_key  # noqa: PLC0415  as above

    show_key(loaded(file), plain_console())


@keys.command()
def request(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Tệp khóa · The file.")],
    publisher: Publisher,
    realm: Realm = None,
) -> None:
    """Yêu cầu thêm khóa, để gửi cho nơi cấp quyền · The request to send to the grantor."""
    from services.console.trust.actions import loaded, realm_of, request_key  # noqa: PLC0415  as above

    stated = realm_of(realm, Settings.from_environment())
    request_key(loaded(file), publisher, stated, plain_console())


@trust.command("show")
def show_trust(
    known_at: Annotated[
        str | None,
        typer.Option(parser=moment, metavar="MOMENT", help="Như đã ghi sổ đến · As known at."),
    ] = None,
    address: Address = None,
) -> None:
    """Ai được gửi gì, theo sổ đang chạy · Who may speak for what, as a ledger answers."""
    from services.console.trust.show import show as run  # noqa: PLC0415  as above

    raise typer.Exit(run(ledger_at(address), known_at, plain_console()))


@trust.command()
def begin(
    realm: Realm = None,
    root: Annotated[
        list[str] | None,
        typer.Option(
            help="Nơi gốc: MÃ=TỆP KHÓA; không nêu: một nơi gốc trên máy này · A root: ID=KEY FILE."
        ),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(min=1, help="Số nơi gốc phải đồng ý · Roots that must agree.")
    ] = None,
    vkey: Vkey = None,
    policy: PolicyFile = None,
) -> None:
    """Bắt đầu chế độ ký, mãi mãi · Begin trust, for ever."""
    from services.console.trust import actions  # noqa: PLC0415  as above
    from services.console.trust.audited_checkpoint import SealTerms  # noqa: PLC0415  as above
    from services.console.trust.beginning import SealKeys  # noqa: PLC0415  as above

    settings = Settings.from_environment()
    stated = actions.realm_of(realm, settings)
    roots = {}
    for each in root or ():
        name, found, path = each.partition("=")
        if not found or not Path(path).is_file():
            raise typer.BadParameter(both(f"--root {each}: cần MÃ=TỆP", "--root: ID=KEY FILE"))
        roots[name] = actions.loaded(Path(path))
    try:
        terms = SealTerms.read(tuple(vkey or ()), policy, None)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--vkey, --policy: {error}") from None
    own = () if root else SealKeys.of_one_machine(settings).vkeys
    seals = SealKeys(terms.vkeys or own, terms.policy and terms.policy.strip())
    console = plain_console()
    raise typer.Exit(actions.begin(settings, stated, roots, threshold, console, seals=seals))


@trust.command()
def authorize(  # noqa: PLR0917  Typer reads a command from its parameters
    publisher: Publisher,
    unit: Annotated[str, typer.Argument(help="Mã đơn vị · The id of the unit.")],
    sender: AsPublisher,
    key: KeyFile,
    speaks_from: Day,
    speaks_to: Annotated[
        str | None,
        typer.Option("--until", help="Ngày đầu hết quyền · The first day without."),
    ] = None,
    family: Annotated[
        list[str] | None, typer.Option(help="Dịch vụ: registry, evaluation, reporting · Services.")
    ] = None,
    power: Annotated[
        list[str] | None, typer.Option(help="Quyền: publish, correct, grant · Powers.")
    ] = None,
    prefix: Annotated[
        list[str] | None, typer.Option(help="Tiền tố của mã mới · A prefix of new ids.")
    ] = None,
    grant_id: Annotated[str | None, typer.Option(help="Mã quyền · The id of the grant.")] = None,
    under: Annotated[
        str | None, typer.Option(help="Cấp lại từ quyền này · Given on under this grant.")
    ] = None,
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Cấp quyền cho một nơi gửi · Authorise a publisher for a unit and all below it."""
    data = {
        "grant_id": grant_id or f"{publisher}.{unit}",
        "unit_id": unit,
        "families": family or ["registry", "evaluation", "reporting"],
        "powers": power or ["publish"],
        "speaks_from": speaks_from,
        "speaks_to": speaks_to,
        "id_prefixes": prefix,
        "under": under,
    }
    _state("PublisherAuthorized", publisher, data, (sender, key, realm, address, out))


@trust.command()
def end(  # noqa: PLR0917  as above
    publisher: Publisher,
    grant_id: Annotated[str, typer.Argument(help="Mã quyền · The grant.")],
    sender: AsPublisher,
    key: KeyFile,
    reason: Annotated[str, typer.Option(help="Lý do · The reason.")],
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Chấm dứt một quyền · End a grant."""
    data = {"grant_id": grant_id, "reason": reason}
    _state("GrantEnded", publisher, data, (sender, key, realm, address, out))


@trust.command("add-key")
def add_key(  # noqa: PLR0917  as above
    request_file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="Tệp của dvk key request · A request."),
    ],
    sender: AsPublisher,
    key: KeyFile,
    use: Annotated[
        str, typer.Option(help="events, receipts, witness, forwarding · The use of the key.")
    ] = "events",
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Thêm khóa cho một nơi gửi · Add a key of a publisher."""
    from services.console.trust.actions import realm_of, requested  # noqa: PLC0415  as above

    stated = realm_of(realm, Settings.from_environment())
    wanted = requested(request_file, stated)
    data = {"key": wanted["key"], "proof": wanted["proof"], "use": use}
    _state("KeyAdded", wanted["publisher_id"], data, (sender, key, stated, address, out))


def redis_acl(
    passwords: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="Mỗi dòng: tên và SHA-256 của mật khẩu · Lines of a user and the SHA-256 of its "
            "password.",
        ),
    ],
) -> None:
    """Tệp quyền (ACL) của Redis · Print the ACL file of Redis: who may use which stream."""
    from services.console.trust.redis_acl import UnusablePasswords, acl_lines  # noqa: PLC0415

    try:
        lines = acl_lines(passwords.read_text("utf-8"))
    except (UnusablePasswords, UnicodeDecodeError) as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None
    typer.echo("\n".join(lines))


@trust.command()
def revoke(  # noqa: PLR0917  as above
    publisher: Publisher,
    key_id: Annotated[str, typer.Argument(help="Mã khóa · The id of the key.")],
    sender: AsPublisher,
    key: KeyFile,
    why: Annotated[str, typer.Option(help="retired, lost, compromised · The reason.")],
    suspect_from: Annotated[
        int | None, typer.Option(min=1, help="Từ vị trí này thì đáng ngờ · In doubt from here on.")
    ] = None,
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Thu hồi một khóa · Revoke a key."""
    data = {"key_id": key_id, "why": why, "suspect_from": suspect_from}
    _state("KeyRevoked", publisher, data, (sender, key, realm, address, out))


@trust.command()
def approve(  # noqa: PLR0917  as above
    publisher: Publisher,
    event_id: Annotated[str, typer.Argument(help="Mã sự kiện chờ chấp thuận · The event's id.")],
    sent_by: Annotated[str, typer.Option(help="Nơi gốc đã gửi · The root that sent it.")],
    sender: AsPublisher,
    key: KeyFile,
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Chấp thuận sự kiện của một nơi gốc khác · Approve what another root sent."""
    data = {"approved": {"source": f"/publishers/{sent_by}", "id": event_id}}
    _state("AuthorityApproved", publisher, data, (sender, key, realm, address, out))


def _state(
    name: str,
    about: str,
    data: Mapping[str, object],
    sending: tuple[str, Path, str | None, str | None, Path | None],
) -> None:
    from services.console.trust.actions import state  # noqa: PLC0415  as above

    raise typer.Exit(state(name, about, data, sender_of(*sending), plain_console()))


def sender_of(
    publisher: str, key: Path, realm: str | None, address: str | None, out: Path | None
) -> "Sender":
    """Return the sender that the options of a command state."""
    from services.console.trust.actions import loaded, realm_of  # noqa: PLC0415  as above
    from services.console.trust.statements import Sender  # noqa: PLC0415  as above

    stated = realm_of(realm, Settings.from_environment())
    return Sender(
        publisher, loaded(key), stated, "" if out is not None else ledger_at(address), out
    )
