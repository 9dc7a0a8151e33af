"""The command lines of `dvk redact`: publish, apply."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address
from services.console.trust.commands import Realm
from shared.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="Che lời văn có tên người · Redact names in the texts of recorded events.",
)


@app.command()
def publish(  # noqa: PLR0917  Typer reads a command from its parameters
    position: Annotated[int, typer.Argument(min=1, help="Vị trí sự kiện · Its position.")],
    field: Annotated[
        list[str], typer.Option(help="Trường, như /title · The field, a JSON pointer.")
    ],
    text: Annotated[list[str], typer.Option(help="Lời văn thay vào · Its new text.")],
    ground: Annotated[
        str,
        typer.Option(
            help="Căn cứ: request, consent_withdrawn, purpose_ended, unlawful, order · The ground."
        ),
    ],
    document: Annotated[
        str | None, typer.Option(help="Số văn bản giải quyết · The number of the document.")
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--as", help="Nơi gửi; mặc định nơi đã gửi · The publisher.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", exists=True, dir_okay=False, help="Ký bằng khóa này · Sign with it."),
    ] = None,
    realm: Realm = None,
    address: Address = None,
) -> None:
    """Gửi việc che lời văn của một sự kiện · Publish the redaction of an event's texts."""
    from services.console.redaction import publishing  # noqa: PLC0415  loaded when needed

    asked = publishing.AskedRedaction(
        position, publishing.texts_of(field, text), publishing.ground_of(ground), document, sender
    )
    settings = Settings.from_environment()
    signer = publishing.signer_of(key, realm, settings)
    raise typer.Exit(publishing.publish(asked, signer, ledger_at(address), plain_console()))


@app.command()
def apply() -> None:
    """Thay bản ghi đã che (quyền chủ sổ) · Replace redacted records, as the owner."""
    from services.console.redaction.applying import apply as run  # noqa: PLC0415  as above

    raise typer.Exit(run(Settings.from_environment(), plain_console()))
