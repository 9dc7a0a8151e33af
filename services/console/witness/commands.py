"""The command lines of `dvk witness`: run, request, sign, compare, vkey."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address
from shared.settings import Settings

app = typer.Typer(
    help="Chứng kiến sổ của người khác · Witness a ledger: cosign its checkpoints.",
    no_args_is_help=True,
)
Name = Annotated[
    str,
    typer.Option("--name", help="Tên bên chứng kiến, như một địa chỉ · The name of the witness."),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        dir_okay=False,
        help="Tệp khóa; mặc định DVK_HOME/keys/witness.key, tự tạo · The key file, made if none.",
    ),
]
Log = Annotated[
    list[str],
    typer.Option("--log", metavar="VKEY", help="Khóa của sổ (vkey) · The key of the log (vkey)."),
]


@app.command()
def run(name: Name, log: Log, key: Key = None, address: Address = None) -> None:
    """Hỏi sổ, kiểm, ký và gửi lại; chạy định kỳ · Verify and cosign once; for a timer."""
    from services.console.witness.rounds import WitnessOptions, cosign_once  # noqa: PLC0415  loaded when needed

    options = WitnessOptions(name, tuple(log), key, Settings.from_environment().home)
    raise typer.Exit(cosign_once(ledger_at(address), options, plain_console()))


@app.command()
def request(
    old: Annotated[
        int, typer.Option(min=0, help="Cỡ mà bên chứng kiến đã ký · The size it has cosigned.")
    ] = 0,
    address: Address = None,
) -> None:
    """Lập yêu cầu để chép sang máy của bên chứng kiến · Write a request for `dvk witness sign`."""
    from services.console.witness.rounds import request_for  # noqa: PLC0415  as above

    raise typer.Exit(request_for(ledger_at(address), old))


@app.command()
def sign(name: Name, log: Log, key: Key = None) -> None:
    """Ký yêu cầu từ đầu vào chuẩn · Cosign a request from standard input, file to file."""
    from services.console.witness.rounds import WitnessOptions, sign_request  # noqa: PLC0415  as above

    options = WitnessOptions(name, tuple(log), key, Settings.from_environment().home)
    raise typer.Exit(sign_request(options))


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Tệp hoặc URL · A file or a URL.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Tệp hoặc URL · A file or a URL.")],
    log: Log,
    address: Address = None,
) -> None:
    """So hai điểm kiểm: một lịch sử hay hai · Compare two checkpoints: one history, or two."""
    from services.console.witness.rounds import compare as run_comparison  # noqa: PLC0415  as above

    raise typer.Exit(run_comparison(first, second, log, address, plain_console()))


@app.command()
def vkey(name: Name, key: Key = None) -> None:
    """In khóa công khai của bên chứng kiến · Print the witness's vkey, for policies."""
    from services.console.witness.rounds import WitnessOptions  # noqa: PLC0415  as above

    typer.echo(WitnessOptions(name, (), key, Settings.from_environment().home).vkey)
