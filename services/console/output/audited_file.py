"""The lines of an audit about the file: its faults, and originals of redacted events."""

from pathlib import Path

from services.console.output.faults import print_fault_lines, print_mark
from services.console.output.texts import Terminal, number, number_en, said_on
from services.reporting.audit.export_file import Export
from services.reporting.audit.older_export import compare_originals
from services.reporting.audit.verification import verify


def print_intact(export: Export, older: Path | None, console: Terminal) -> bool:
    """Say whether the file is whole, and its redacted events are as an older export has them."""
    if not _print_faults(export, console):
        said_on(console)(
            "Tệp đã bị thay đổi: không tính số liệu từ tệp này.",
            "The file was changed, so no figure is computed from it.",
        )
        return False
    return older is None or _print_originals(export, older, console)


def _print_originals(export: Export, older: Path, console: Terminal) -> bool:
    """Compare the redacted events with an older export; say whether only free texts differ."""
    say = said_on(console)
    try:
        before = verify(older)
    except (OSError, ValueError) as error:
        say(f"Không đọc được bản xuất {older}.", f"{older} cannot be read as an export: {error}")
        return False
    compared, faults = compare_originals(export, before)
    faults = [*before.faults, *faults]
    print_fault_lines(faults, console)
    if not faults:
        print_mark(console, good=True)
        say(
            f"{number(compared)} sự kiện đã che chỉ khác bản gốc ở lời văn tự do.",
            f"{number_en(compared)} redacted events differ from their originals in free texts "
            "only.",
        )
    return not faults


def _print_faults(export: Export, console: Terminal) -> bool:
    """Print the faults of the file, or that there is none; say whether it is intact."""
    say = said_on(console)
    manifest = export.manifest
    print_fault_lines(export.faults, console)
    if export.faults:
        return False
    print_mark(console, good=True)
    say(
        f"{number(manifest.count)} sự kiện: mọi mã băm, mắt xích, vị trí và dòng cuối đều đúng.",
        f"{number_en(manifest.count)} events: digests, chain, positions and trailer are right.",
    )
    if export.redacted:
        say(
            f"{number(len(export.redacted))} sự kiện đã che lời văn, đúng như các việc che trong "
            "sổ nêu; có bản xuất cũ thì đối chiếu bằng --older.",
            f"{number_en(len(export.redacted))} events are redacted as the log states; with an "
            "older export compare the originals: --older.",
        )
    at, chain = manifest.head.position, manifest.head.chain.hex()
    text = console.pick(f"Chuỗi tại vị trí {number(at)}", f"The chain at position {number_en(at)}")
    console.print(f"  {text}: {chain}\n  ", end="", soft_wrap=True)
    say(
        "Hãy đối chiếu với biên nhận hoặc máy chủ.",
        "Hold it against a receipt or a server.",
    )
    return True
