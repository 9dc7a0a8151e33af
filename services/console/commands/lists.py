"""`dvk list`: the list desk from a terminal."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address

app = typer.Typer(no_args_is_help=True, help="Danh sách Excel · Lists in workbooks.")

Kind = Annotated[
    str,
    typer.Argument(
        help="Loại danh sách · The kind of list: registrations, reviews, recognitions, awards, "
        "outcomes, plans, inspections, figures."
    ),
]
Unit = Annotated[str, typer.Argument(help="Đơn vị: tên hoặc mã · The unit: its name or id.")]
Year = Annotated[str, typer.Argument(help="Năm · The year.")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="Tệp Excel · A workbook.")
]
Day = Annotated[
    str, typer.Option("--day", help="Ngày ký danh sách, ngày/tháng/năm · The day of the list.")
]
FirstYear = Annotated[
    bool,
    typer.Option(
        "--first-year",
        help="Năm đầu dùng hệ thống · Maintained models have no registration of the year before.",
    ),
]
Answer = Annotated[
    list[str] | None,
    typer.Option("--answer", help="Trả lời một câu hỏi: KHÓA=GIÁ TRỊ · An answer: KEY=VALUE."),
]


@app.command()
def template(
    *,
    kind: Kind,
    unit: Unit,
    year: Year,
    out: Annotated[Path, typer.Option("--out", help="Tệp ghi ra · Where to write it.")],
    filled: Annotated[
        str, typer.Option(help="Điền sẵn: last (năm trước) hoặc this (năm nay) · Filled in.")
    ] = "",
    to: Address = None,
) -> None:
    """Tệp mẫu của một đơn vị và năm · The template for a unit and a year."""
    from services.console.commands.list_actions import make_template  # noqa: PLC0415  only what is asked
    from services.lists.uploads.list_form import ListForm  # noqa: PLC0415  as above

    make_template(ListForm(kind, unit, year), out, filled, ledger_at(to), plain_console())


@app.command()
def check(
    *,
    file: File,
    kind: Kind,
    unit: Unit,
    year: Year,
    day: Day = "",
    first_year: FirstYear = False,
    answer: Answer = None,
    to: Address = None,
) -> None:
    """Kiểm tra, chưa ghi gì · Check a list; nothing is stored. 1: rows must be mended."""
    from services.console.commands.list_actions import run_list  # noqa: PLC0415  as above
    from services.lists.uploads.list_form import ListForm  # noqa: PLC0415  as above

    form = ListForm(kind, unit, year, day, first_year)
    run_list(file, form, answer or [], ledger_at(to), plain_console(), sending=False)


@app.command()
def send(
    *,
    file: File,
    kind: Kind,
    unit: Unit,
    year: Year,
    day: Day = "",
    first_year: FirstYear = False,
    answer: Answer = None,
    to: Address = None,
) -> None:
    """Kiểm tra rồi gửi các dòng đạt · Check a list and send the good rows."""
    from services.console.commands.list_actions import run_list  # noqa: PLC0415  as above
    from services.lists.uploads.list_form import ListForm  # noqa: PLC0415  as above

    form = ListForm(kind, unit, year, day, first_year)
    run_list(file, form, answer or [], ledger_at(to), plain_console(), sending=True)
