"""The commands `dvk export`, `dvk archive` and `dvk audit`."""

from pathlib import Path
from typing import Annotated

import typer

from services.console import options
from services.console.client.ledger_address import ledger_at as _ledger_at
from services.console.client.ledger_address import plain_console as _console
from services.console.options import Address, FormerAddress
from services.console.output.texts import both
from shared.settings import Settings


def export(  # noqa: PLR0917  Typer reads a command from its parameters
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Tệp kết quả · Where to write.")],
    year: options.ExportedYear = None,
    after: options.After = 0,
    until: options.UntilPosition = None,
    witnessed: options.WitnessedExport = False,
    address: Address = None,
    former: FormerAddress = None,
) -> None:
    """Xuất sổ ra tệp để kiểm toán · Write the log to a file for an audit."""
    from services.console.commands.export import ExportSelection  # noqa: PLC0415  as above
    from services.console.commands.export import export as run  # noqa: PLC0415  as above

    if year is not None and after:
        raise typer.BadParameter(
            both("--year không dùng cùng --after", "--year: a year is read from the beginning")
        )
    ledger = _ledger_at(address, former)
    wanted = ExportSelection(after, until, year)
    raise typer.Exit(run(file, wanted, ledger, _console(), witnessed=witnessed))


def archive(to: options.ArchiveTo, positions: options.ArchivePositions = None) -> None:
    """Lưu trữ sổ thành các tệp bất biến · Append whole files of the log to an archive."""
    from services.console.commands.archive import archive as run  # noqa: PLC0415  as above

    raise typer.Exit(run(to, positions, Settings.from_environment(), _console()))


def audit(  # noqa: PLR0917  Typer reads a command from its parameters
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Bản xuất · An export."),
    ] = None,
    year: options.AuditedYear = None,
    unit: options.Unit = None,
    map_: options.Map = "recorded",
    known_at: options.KnownAt = None,
    trust: options.Trust = None,
    vkey: options.Vkey = None,
    policy: options.PolicyFile = None,
    checkpoint: options.KeptCheckpoint = None,
    address: options.ComparedAddress = None,
    against: options.Against = None,
    archive: options.Archive = None,
    engine: options.Engine = "local",
    older: options.Older = None,
) -> None:
    """Kiểm toán một bản xuất hoặc kho lưu trữ · Audit an export or an archive, without servers."""
    from services.console.commands.audit import AuditQuery  # noqa: PLC0415  as above
    from services.console.commands.audit import audit as run  # noqa: PLC0415  as above
    from shared.clock import system_clock  # noqa: PLC0415  as above

    if (file is None) == (archive is None):
        raise typer.BadParameter(
            both("Hãy nêu một bản xuất, hoặc --archive", "Name an export, or an --archive")
        )
    terms = (older, tuple(vkey or ()), policy, checkpoint)
    query = AuditQuery(year, unit, map_, known_at, address or against, trust, *terms)
    if file is not None:
        raise typer.Exit(run(file, query, system_clock, _console()))
    from services.console.commands.archive import ArchiveAudit, audit_archive  # noqa: PLC0415

    asked = ArchiveAudit(archive or "", engine)
    raise typer.Exit(audit_archive(asked, query, system_clock, _console()))
