"""The command `dvk`: one line for each thing that a person can ask of it."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.settings import Settings

app = typer.Typer(
    name="dvk",
    help="Sổ của phong trào thi đua “Dân vận khéo” · The ledger of the emulation movement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
To = Annotated[str | None, typer.Option("--to", help="Địa chỉ của sổ · Address of the ledger.")]


@app.command()
def up() -> None:
    """Chạy sổ trên máy này · Run the ledger on this machine until Ctrl-C."""
    from services.console.up import up as run  # noqa: PLC0415  only what is asked for is loaded

    raise typer.Exit(run(Settings.from_environment(), _console()))


@app.command()
def demo() -> None:
    """Trình diễn và đối chiếu số liệu đã công bố · Show, and check the published figures."""
    from services.console.demo import demo as run  # noqa: PLC0415  as above

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
    to: To = None,
) -> None:
    """Gửi một tệp sự kiện vào sổ · Publish a file of events; it may be interrupted."""
    from services.console.publish import publish as run  # noqa: PLC0415  as above

    raise typer.Exit(run(file, _ledger_at(to), _console()))


@app.command()
def generate(
    registrations: Annotated[
        int, typer.Option(min=1, help="Số lượt đăng ký · How many registrations in all.")
    ],
    years: Annotated[str, typer.Option(help="Năm hoặc khoảng năm · A year, or a range.")],
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
    from services.console.generate import generate as run  # noqa: PLC0415  as above

    raise typer.Exit(
        run(
            registrations,
            years=years,
            seed=seed,
            map_file=map_file,
            out=out,
            console=Console(stderr=True, highlight=False),
        )
    )


@app.command()
def rebuild(
    read_model: Annotated[
        str | None,
        typer.Argument(help="Bảng tổng hợp; không nêu: tất cả · Which read model; else each."),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="NAME",
            help="Tên khác biệt được chấp nhận, có thể dùng * · A difference that is meant.",
        ),
    ] = None,
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help="Quay lại bản trước · Go back to the fill before."),
    ] = False,
) -> None:
    """Lập lại bảng tổng hợp, so sánh rồi đổi · Rebuild read models while the ledger runs."""
    from services.console.rebuild import Wish  # noqa: PLC0415  as above
    from services.console.rebuild import rebuild as run  # noqa: PLC0415  as above

    wish = Wish(read_model, tuple(accept or ()), rollback)
    raise typer.Exit(run(wish, Settings.from_environment(), _console()))


@app.command()
def status(to: To = None) -> None:
    """Tình trạng của sổ · How the ledger is."""
    from services.console.status import status as run  # noqa: PLC0415  as above

    raise typer.Exit(run(_ledger_at(to), _console()))


def _ledger_at(to: str | None) -> str:
    """Return the stated address, else where `dvk up` with the same settings would answer."""
    if to:
        return to if "://" in to else f"http://{to}"
    from services.console.addresses import on_ports  # noqa: PLC0415  as above

    settings = Settings.from_environment()
    return on_ports(settings.host, settings.port).reporting


def _console() -> Console:
    # A terminal that cannot write Vietnamese shows question marks; that must not end a ledger.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False)
