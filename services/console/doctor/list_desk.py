"""The list desk: its key, the size of its state, and what it says of itself."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from services.console.doctor.databases import looking
from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import opens
from shared.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.console.doctor.commands import Commands
    from shared.settings import Settings

MUCH_BYTES = 2_000_000_000
_NAMES = Bilingual(
    "Khóa này mở họ tên cá nhân và các tệp đã nộp.",
    "This key opens the names of individuals and the uploaded files.",
)
_BACKUPS = "docs/operations.md#back-up-and-restore"


def check_desk_files(settings: Settings) -> Iterator[Finding]:
    """Check the key of the desk and the size of its state, where this machine has them."""
    state = settings.home / "lists.db"
    on_file = settings.database_url is None
    if settings.lists_key.exists() or (on_file and state.exists()):
        yield check_key(settings.lists_key, settings.lists_url if on_file else None)
    if on_file and state.exists():
        yield check_size(state)


def check_key(file: Path, url: str | None) -> Finding:
    """Check that the key is there, for its owner only, and that it opens the state at `url`."""
    if not file.exists():
        return broken(
            "desk_key",
            Bilingual(f"không có tệp khóa {file}", f"there is no key {file}"),
            _NAMES,
            Bilingual("Đặt lại tệp khóa từ bản sao lưu:", "Put it back from its backup:"),
            _BACKUPS,
        )
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        shown = f"{mode:04o}"
        return broken(
            "desk_key",
            Bilingual(f"{file} mở cho người khác ({shown})", f"{file} is open to others ({shown})"),
            _NAMES,
            Bilingual("Chỉ để chủ tệp đọc được:", "Let its owner alone read it:"),
            f"chmod 600 {file}",
        )
    try:
        key = key_of(file)
        if url is not None:
            with looking(url) as connection:
                opens(key, connection)
    except LedgerError:
        return broken(
            "desk_key",
            Bilingual(f"{file} không mở được lists.db", f"{file} does not open lists.db"),
            Bilingual("Bàn danh sách không chạy được.", "The list desk cannot start."),
            Bilingual(
                "Đặt lại đúng tệp khóa từ bản sao lưu:", "Put the right key back from its backup:"
            ),
            _BACKUPS,
        )
    except (OSError, SQLAlchemyError) as error:
        reason = type(error).__name__
        return broken(
            "desk_key",
            Bilingual(
                f"không đọc được {file} hoặc lists.db: {reason}",
                f"{file} or lists.db cannot be read: {reason}",
            ),
            Bilingual("Bàn danh sách không chạy được.", "The list desk cannot start."),
            Bilingual(
                "Trả quyền cho người chạy bàn, hoặc phục hồi:",
                "Give it to the user of the desk, or restore it:",
            ),
            _BACKUPS,
        )
    return well("desk_key", "có, chỉ chủ tệp đọc được", "there, for its owner only")


def check_size(state: Path) -> Finding:
    """Check how much room the uploads take."""
    size = sum(file.stat().st_size for file in state.parent.glob(f"{state.name}*"))
    megabytes = -(-size // 1_000_000)
    found = Bilingual(f"lists.db: {number(megabytes)} MB", f"lists.db: {number_en(megabytes)} MB")
    if size <= MUCH_BYTES:
        return well("desk_state", *found)
    return look(
        "desk_state",
        found,
        Bilingual(
            "Tệp đã nộp được giữ lại, kể cả của năm trước.",
            "Uploads are kept, also those of past years.",
        ),
        Bilingual(
            "Xóa các lần nộp cũ; mã cá nhân còn nguyên:", "Delete old uploads; references stay:"
        ),
        "docs/operations.md#old-uploads-of-the-list-desk",
    )


def desk_lacks(listed: str, commands: Commands) -> Finding:
    """Report that uploads make no progress, in the desk's own words."""
    return look(
        "lists",
        Bilingual(f"sẵn sàng, nhưng {listed}", f"ready, but {listed}"),
        Bilingual("Người nộp danh sách phải chờ.", "Those who sent a list wait."),
        Bilingual("Xem nhật ký:", "Look at its log:"),
        commands.log("lists"),
        Bilingual(
            "rồi chạy lại nó: việc dở dang được làm tiếp, không gì nhân đôi:",
            "then start it again: what was under way goes on, nothing is doubled:",
        ),
        commands.restart("lists"),
    )
