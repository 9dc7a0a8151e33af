"""Parsers of options: a wrong value is reported before anything is queried or opened."""

import re
from pathlib import Path
from typing import Annotated, NamedTuple, NoReturn

import typer

from services.console.output.texts import both
from shared import errors

_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_YEARS = re.compile(r"([0-9]{4})(?:\s*[-–]\s*([0-9]{4}))?")
_LAST_POSITION = 2**53
_PORTS = 2**16


def _wrong(vietnamese: str, english: str) -> NoReturn:
    """End the command with exit code 2; Typer puts the name of the option in front."""
    raise typer.BadParameter(both(vietnamese, english))


def moment(stated: str) -> str:
    """Return a position, a date or a time as it was stated."""
    from shared.errors import LedgerError  # noqa: PLC0415  loaded when needed
    from shared.web.answers.as_of_parameters import require_moment  # noqa: PLC0415  as above

    try:
        require_moment(stated)
    except LedgerError:
        _wrong(
            f"“{stated}” không phải là vị trí, ngày hay thời điểm. Hãy ghi vị trí trong sổ "
            "(14541), ngày theo thứ tự năm-tháng-ngày (2023-01-31), hoặc thời điểm có múi giờ "
            "(2023-01-31T08:00:00+07:00).",
            f"“{stated}” is no position, date or time. Write a position of the log (14541), a date "
            "as year-month-day (2023-01-31), or a time with its offset "
            "(2023-01-31T08:00:00+07:00).",
        )
    return stated


def map_(stated: str) -> str:
    """Return a map as it was stated."""
    from shared.clock import system_clock  # noqa: PLC0415  as above
    from shared.errors import LedgerError  # noqa: PLC0415  as above
    from shared.web.answers.as_of_parameters import map_choice  # noqa: PLC0415  as above

    try:
        map_choice(stated, system_clock)
    except LedgerError:
        _wrong(
            f"“{stated}” không phải là bản đồ. Hãy ghi recorded (như khi ghi nhận), current (hiện "
            "nay), hoặc ngày theo thứ tự năm-tháng-ngày (2023-01-31).",
            f"“{stated}” is no map. Write recorded, current, or a date as year-month-day "
            "(2023-01-31).",
        )
    return stated


def position(stated: str | int) -> int:
    """Return a position of the log; 0 is the position before the first event."""
    text = str(stated)
    if not (text.isascii() and text.isdigit() and int(text) <= _LAST_POSITION):
        _wrong(
            f"“{stated}” không phải là vị trí trong sổ. Hãy ghi một số nguyên không dấu, ví dụ "
            "14541.",
            f"“{stated}” is no position of the log. Write a whole number, such as 14541.",
        )
    return int(text)


def year(stated: str) -> int:
    """Return a plan year."""
    if stated.isascii() and stated.isdigit() and _FIRST_YEAR <= int(stated) <= _LAST_YEAR:
        return int(stated)
    _wrong(
        f"“{stated}” không phải là năm từ {_FIRST_YEAR} đến {_LAST_YEAR}, ví dụ 2024.",
        f"“{stated}” is no year from {_FIRST_YEAR} to {_LAST_YEAR}, such as 2024.",
    )


class Years(NamedTuple):
    """The first and the last of a range of years."""

    first: int
    last: int


def years(stated: str) -> Years:
    """Return a year such as `2024`, or a range such as `2022-2026`."""
    if found := _YEARS.fullmatch(stated.strip()):
        named = Years(int(found[1]), int(found[2] or found[1]))
        if _FIRST_YEAR <= named.first <= named.last <= _LAST_YEAR:
            return named
    _wrong(
        f"“{stated}” không phải là năm hoặc khoảng năm từ {_FIRST_YEAR} đến {_LAST_YEAR}, ví dụ "
        "2024 hoặc 2022-2026.",
        f"“{stated}” is no year and no range of years from {_FIRST_YEAR} to {_LAST_YEAR}, such as "
        "2024 or 2022-2026.",
    )


def address(stated: str) -> str:
    """Return an address with its scheme, and without a trailing slash."""
    import httpx  # noqa: PLC0415  as above

    written = stated if "://" in stated else f"http://{stated}"
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL:
        url = httpx.URL()
    port = 80 if url.port is None else url.port
    named = url.host and "%" not in url.host  # not allowed in the name of a machine
    if url.scheme not in {"http", "https"} or not named or not 0 < port < _PORTS:
        _wrong(
            f"“{stated}” không phải là địa chỉ của sổ. Hãy ghi máy và cổng, ví dụ 127.0.0.1:8080 "
            "hoặc https://so.example.vn.",
            f"“{stated}” is no address of a ledger. Write a machine and its port, such as "
            "127.0.0.1:8080 or https://ledger.example.vn.",
        )
    return written.rstrip("/")


def _show_version(requested: bool) -> None:
    if not requested:
        return
    import platform  # noqa: PLC0415  as above
    from importlib.metadata import version  # noqa: PLC0415  as above

    typer.echo(f"dvk {version('dan-van-kheo-ledger')} (Python {platform.python_version()})")
    raise typer.Exit


Language = Annotated[
    errors.Language | None,
    typer.Option(
        "--language",
        help="Ngôn ngữ; trống: theo LC_ALL, LC_MESSAGES, LANG · The language; else theirs.",
    ),
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Bản phát hành · The release."
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address", parser=address, metavar="URL", help="Địa chỉ của sổ · Address of the ledger."
    ),
]
FormerAddress = Annotated[
    str | None, typer.Option("--to", "--at", parser=address, metavar="URL", hidden=True)
]
"""The former name of the option; both still work."""
At = Annotated[str | None, typer.Option("--at", parser=address, metavar="URL", hidden=True)]
"""The former name where `--to` is a moment."""
ComparedAddress = Annotated[
    str | None,
    typer.Option(
        "--address",
        parser=address,
        metavar="URL",
        help="So với sổ ở địa chỉ này · Compare with the ledger at this address.",
    ),
]
Against = Annotated[
    str | None, typer.Option("--against", parser=address, metavar="URL", hidden=True)
]
Trust = Annotated[
    str | None,
    typer.Option(
        "--trust",
        metavar="DIGEST",
        help="Mã băm của sự kiện bắt đầu chế độ ký · The digest with which trust began.",
    ),
]
ArchiveTo = Annotated[
    str, typer.Option("--to", metavar="DIR", help="Thư mục, hoặc s3://… · A folder, or s3://….")
]
ArchivePositions = Annotated[
    int | None,
    typer.Option(
        "--positions",
        min=100,
        help="Số vị trí của một tệp; trống: 1.000.000 · Positions of a file.",
    ),
]
FromArchive = Annotated[
    str | None,
    typer.Option(
        "--from-archive", metavar="DIR", help="Lập từ kho lưu trữ · Fill from an archive."
    ),
]
Archive = Annotated[
    str | None,
    typer.Option("--archive", metavar="DIR", help="Kho lưu trữ · An archive (dvk archive)."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|spark://…|dask://…",
        help="Nơi tính lại kho lưu trữ · Where an archive is folded.",
    ),
]
Older = Annotated[
    Path | None,
    typer.Option(
        "--older",
        exists=True,
        dir_okay=False,
        help="Bản xuất cũ, có bản gốc của sự kiện đã che · An older export, with the originals.",
    ),
]
Vkey = Annotated[
    list[str] | None,
    typer.Option("--vkey", metavar="VKEY", help="Khóa niêm phong của sổ · The key of the log."),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy", exists=True, dir_okay=False, help="Chính sách chứng kiến · A tlog-policy."
    ),
]
KeptCheckpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint", exists=True, dir_okay=False, help="Điểm kiểm đã giữ · A kept checkpoint."
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="NAME",
        help="Tên khác biệt được chấp nhận, có thể dùng * · A difference to accept.",
    ),
]
OwnKey = Annotated[
    Path | None,
    typer.Option(
        "--key", exists=True, dir_okay=False, help="Hỏi bằng khóa này · Ask with this key."
    ),
]
OwnPublisher = Annotated[
    str | None, typer.Option("--as", help="Nơi gửi giữ khóa · The publisher of the key.")
]
_MOMENT = "POSITION|DATE|TIME"
From = Annotated[
    str,
    typer.Option(
        "--from", parser=moment, metavar=_MOMENT, help="Thời điểm đầu · The earlier moment."
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--to",
        parser=moment,
        metavar=_MOMENT,
        help="Thời điểm cuối; trống: hiện nay · The later moment; else now.",
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        parser=moment,
        metavar=_MOMENT,
        help="Số liệu đã ghi sổ đến; trống: tất cả · As known at; else all.",
    ),
]
After = Annotated[
    int,
    typer.Option(
        "--after", parser=position, metavar="POSITION", help="Sau vị trí này · After this position."
    ),
]
UntilPosition = Annotated[
    int | None,
    typer.Option(
        "--until", parser=position, metavar="POSITION", help="Đến vị trí này · Up to this position."
    ),
]
WitnessedExport = Annotated[
    bool,
    typer.Option(
        "--witnessed",
        help="Đến điểm kiểm gần nhất đủ bên chứng kiến · Up to the last one with a quorum.",
    ),
]
Year = Annotated[
    int,
    typer.Option("--year", parser=year, metavar="YEAR", help="Năm kế hoạch · The plan year."),
]
AuditedYear = Annotated[
    int | None,
    typer.Option(
        "--year",
        parser=year,
        metavar="YEAR",
        help="Năm kế hoạch; trống: chỉ kiểm tra tệp · The plan year; else the file.",
    ),
]
ExportedYear = Annotated[
    int | None,
    typer.Option(
        "--year",
        parser=year,
        metavar="YEAR",
        help="Chỉ năm này và mọi thứ nó phụ thuộc · A year with all it depends on.",
    ),
]
GeneratedYears = Annotated[
    Years,
    typer.Option(
        "--years", parser=years, metavar="YEARS", help="Năm hoặc khoảng năm · A year, or a range."
    ),
]
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="UNIT_ID", help="Mã đơn vị; trống: cả nước · A unit; else the nation."
    ),
]
Map = Annotated[
    str,
    typer.Option(
        "--map",
        parser=map_,
        metavar="recorded|current|DATE",
        help="Bản đồ hành chính · The map of units.",
    ),
]
