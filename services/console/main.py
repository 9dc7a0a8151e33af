"""The command line `dvk`, with one subcommand for each task."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.console import auditing, options
from services.console.client.ledger_address import ledger_at as _ledger_at
from services.console.client.ledger_address import plain_console as _console
from services.console.commands import lists, quarantine
from services.console.forwarding import commands as forwarding
from services.console.options import Address, FormerAddress
from services.console.output.texts import CHOSEN, Terminal, both, said_on
from services.console.people import commands as accounts
from services.console.persons import commands as persons
from services.console.redaction import commands as redaction
from services.console.subscriptions import commands as webhooks
from services.console.trust import commands as trust_commands
from services.console.witness import commands as witness
from services.console.witness import proof_commands as proof
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.trust.signing import Signer

app = typer.Typer(
    name="dvk",
    help="Sổ của phong trào thi đua “Dân vận khéo” · The ledger of the emulation movement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def every_command(
    chosen: options.Language = None,
    version: options.Version = False,  # noqa: ARG001  handled by its callback
) -> None:
    """Sổ của phong trào thi đua “Dân vận khéo” · The ledger of the emulation movement."""
    CHOSEN.set(chosen)


@app.command()
def up() -> None:
    """Chạy sổ trên máy này · Run the ledger on this machine until Ctrl-C."""
    from services.console.commands.up import up as run  # noqa: PLC0415  loaded when needed

    raise typer.Exit(run(Settings.from_environment(), _console()))


@app.command()
def demo(
    *,
    trust: Annotated[
        bool, typer.Option("--trust", help="Trình diễn chế độ ký · Show signing and refusals.")
    ] = False,
) -> None:
    """Trình diễn và đối chiếu số liệu đã công bố · Show, and check the published figures."""
    if trust:
        from services.console.trust.demonstration import demo_of_trust as run  # noqa: PLC0415
    else:
        from services.console.commands.demo import demo as run  # noqa: PLC0415  as above

    raise typer.Exit(run(os.environ, _console()))


@app.command()
def publish(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="Tệp sự kiện, mỗi dòng một CloudEvent · A file with one CloudEvent a line.",
        ),
    ],
    key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Ký bằng khóa này · Sign with this key."),
    ] = None,
    realm: trust_commands.Realm = None,
    address: Address = None,
    former: FormerAddress = None,
) -> None:
    """Gửi một tệp sự kiện vào sổ · Publish a file of events; it may be interrupted."""
    from services.console.commands.publish import publish as run  # noqa: PLC0415  as above

    signer = None if key is None else _signer(key, realm)
    raise typer.Exit(run(file, _ledger_at(address, former), _console(), signer))


@app.command()
def sign(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Tệp sự kiện · Events."),
    ],
    key: trust_commands.KeyFile,
    out: Annotated[Path, typer.Option("--out", help="Tệp kết quả · Where to write.")],
    realm: trust_commands.Realm = None,
) -> None:
    """Ký các sự kiện trong một tệp · Sign the events of a file."""
    from services.console.trust.actions import sign_file  # noqa: PLC0415  as above

    count = sign_file(file, out, _signer(key, realm))
    said_on(_console())(f"Đã ký {count} sự kiện vào {out}.", f"{count} events signed in {out}.")


@app.command()
def generate(
    registrations: Annotated[
        int, typer.Option(min=1, help="Số lượt đăng ký · The number of registrations.")
    ],
    years: options.GeneratedYears,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=999_999_999, help="Cùng số, cùng tệp · The same seed, the same file."
        ),
    ],
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map",
            exists=True,
            dir_okay=False,
            help="Tệp sự kiện về đơn vị hành chính · A file with the events of units.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Tệp kết quả · Where to write; else to standard output.")
    ] = None,
) -> None:
    """Tạo dữ liệu tổng hợp (không có thật) · Make a synthetic national history."""
    from services.console.commands.generate import generate as run  # noqa: PLC0415  as above

    raise typer.Exit(
        run(
            registrations,
            years=years,
            seed=seed,
            map_file=map_file,
            out=out,
            console=Terminal(stderr=True, highlight=False),
        )
    )


def _signer(key: Path, realm: str | None) -> "Signer":
    from services.console.trust.actions import loaded, realm_of  # noqa: PLC0415  as above
    from shared.trust.signing import Signer  # noqa: PLC0415  as above

    return Signer(loaded(key), realm_of(realm, Settings.from_environment()))


@app.command("load-map")
def load_map(  # noqa: PLR0917  Typer reads a command from its parameters
    address: Address = None,
    former: FormerAddress = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Ghi vào tệp này, không gửi · Write to this file, publish nothing."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Ký bằng khóa này · Sign with this key."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--as", help="Nơi gửi có khóa đó · The publisher of the key.")
    ] = None,
    realm: trust_commands.Realm = None,
) -> None:
    """Nạp bản đồ hành chính cả nước · Load the administrative map of the whole country."""
    from services.console.commands.load_map import load_map as run  # noqa: PLC0415  as above
    from services.console.commands.load_map import write_map  # noqa: PLC0415  as above

    to = address or former
    if out is not None and to is not None:
        raise typer.BadParameter(both("--out không dùng cùng --address", "--out: no --address"))
    if (key is None) != (sender is None):
        raise typer.BadParameter(both("--key và --as đi cùng nhau", "--key goes with --as"))
    if out is not None:
        raise typer.Exit(write_map(out, _console()))
    signer = None if key is None else _signer(key, realm)
    raise typer.Exit(run(_ledger_at(to), _console(), signer, sender))


app.command()(auditing.export)
app.command()(auditing.archive)
app.command()(auditing.audit)


@app.command()
def diff(  # noqa: PLR0917  Typer reads a command from its parameters
    since: options.From,
    year: options.Year,
    until: options.Until = None,
    unit: options.Unit = None,
    map_: options.Map = "recorded",
    address: Address = None,
    at: options.At = None,
) -> None:
    """Điều gì đã đổi giữa hai thời điểm · Show the changes between two moments, by event."""
    from services.console.commands.diff import Between  # noqa: PLC0415  as above
    from services.console.commands.diff import diff as run  # noqa: PLC0415  as above

    between = Between(year, since, until, unit, map_)
    raise typer.Exit(run(between, _ledger_at(address, at), _console()))


@app.command()
def rebuild(
    read_model: Annotated[
        str | None,
        typer.Argument(help="Bảng tổng hợp; không nêu: tất cả · Which read model; else all."),
    ] = None,
    accept: options.Accept = None,
    from_archive: options.FromArchive = None,
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help="Quay lại bản trước · Go back to the previous one."),
    ] = False,
    drop_previous: Annotated[
        bool,
        typer.Option(
            "--drop-previous",
            help="Xóa bản trước để có chỗ · Drop the previous one first, for its room.",
        ),
    ] = False,
) -> None:
    """Lập lại bảng tổng hợp, so sánh rồi đổi · Rebuild read models while the ledger runs."""
    from services.console.commands.rebuild import rebuild as run  # noqa: PLC0415  as above

    if rollback and from_archive:
        raise typer.BadParameter(
            both(
                "--rollback không lập lại gì, nên không đọc kho lưu trữ",
                "--rollback fills nothing, so it reads no archive",
            )
        )
    settings = Settings.from_environment()
    raise typer.Exit(
        run(
            read_model,
            settings,
            _console(),
            accept=accept or (),
            roll_back=rollback,
            drop_previous=drop_previous,
            source=from_archive,
        )
    )


@app.command()
def status(
    address: Address = None,
    former: FormerAddress = None,
    key: options.OwnKey = None,
    publisher: options.OwnPublisher = None,
) -> None:
    """Tình trạng của sổ · Show the state of the ledger."""
    from services.console.commands.status import own_of  # noqa: PLC0415  as above
    from services.console.commands.status import status as run  # noqa: PLC0415  as above

    raise typer.Exit(run(_ledger_at(address, former), _console(), own_of(key, publisher)))


@app.command()
def doctor(
    address: Address = None,
    former: FormerAddress = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Kiểm chuỗi băm của cả sổ · Verify the whole chain.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Cho chương trình đọc · For programs.")
    ] = False,
) -> None:
    """Khám sổ: điều gì hỏng và phải làm gì · Diagnose the ledger, with advice for each fault."""
    from services.console.doctor.run import doctor as run  # noqa: PLC0415  as above
    from shared.clock import system_clock  # noqa: PLC0415  as above

    settings, at = Settings.from_environment(), _ledger_at(address, former)
    raise typer.Exit(run(settings, at, _console(), clock=system_clock, deep=deep, as_json=as_json))


@app.command()
def digest(address: Address = None) -> None:
    """Gửi bản tin qua thư điện tử · Send the digests that are due; for a timer."""
    from services.console.subscriptions.digest import digest as run  # noqa: PLC0415  as above
    from shared.clock import system_clock  # noqa: PLC0415  as above

    settings = Settings.from_environment()
    raise typer.Exit(run(settings, _ledger_at(address), _console(), system_clock))


app.add_typer(trust_commands.keys, name="key")
app.add_typer(trust_commands.trust, name="trust")
app.command("redis-acl")(trust_commands.redis_acl)
app.add_typer(persons.app, name="persons")
app.add_typer(redaction.app, name="redact")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(forwarding.app, name="forward")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(lists.app, name="list")
app.add_typer(witness.app, name="witness")
app.add_typer(proof.app, name="proof")
app.add_typer(accounts.app, name="account")
