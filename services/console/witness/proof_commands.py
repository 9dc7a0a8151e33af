"""The command lines of `dvk proof`: get, verify."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address
from services.console.output.texts import both

app = typer.Typer(
    help="Bằng chứng một sự kiện có trong sổ · The proof that an event is in the log.",
    no_args_is_help=True,
)


@app.command()
def get(  # noqa: PLR0917  Typer reads a command from its parameters
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Tệp kết quả · Where to write.")],
    position: Annotated[
        int | None, typer.Option(min=1, help="Vị trí trong sổ · The position in the log.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Nơi gửi · The source of the event.")] = None,
    event_id: Annotated[
        str | None, typer.Option("--id", help="Mã sự kiện · The id of the event.")
    ] = None,
    extra: Annotated[
        bool, typer.Option("--extra", help="Kèm nội dung sự kiện · With the event in it.")
    ] = False,
    witnessed: Annotated[
        bool, typer.Option("--witnessed", help="Phải đủ bên chứng kiến · With a quorum.")
    ] = False,
    address: Address = None,
) -> None:
    """Lấy bằng chứng của một sự kiện · Fetch the proof of an event."""
    from services.console.witness.proofs import fetch  # noqa: PLC0415  loaded when needed

    if (position is None) == (source is None or event_id is None):
        words = both("nêu --position, hoặc --source và --id", "--position, or --source and --id")
        raise typer.BadParameter(words)
    stated = {"position": position, "source": source, "id": event_id}
    flags = {"extra": extra or None, "witnessed": witnessed or None}
    asked = {k: str(v) for k, v in {**stated, **flags}.items() if v is not None}
    raise typer.Exit(fetch(ledger_at(address), asked, file, plain_console()))


@app.command()
def verify(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Bằng chứng · The proof.")
    ],
    event: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Dòng của luồng sự kiện · Its feed line."),
    ] = None,
    redaction: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Bằng chứng việc che · Of its redaction, --extra."
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Chính sách (tlog-policy) · The policy."),
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option("--log", metavar="VKEY", help="Khóa của sổ · The key of the log, or"),
    ] = None,
) -> None:
    """Kiểm một bằng chứng, không cần máy chủ · Verify a proof, without servers."""
    from services.console.witness.proofs import verify as run  # noqa: PLC0415  as above

    if not policy and not log:
        raise typer.BadParameter(both("nêu --policy hoặc --log", "--policy or --log is required"))
    raise typer.Exit(run(file, event, policy or log or [], plain_console(), redaction))
