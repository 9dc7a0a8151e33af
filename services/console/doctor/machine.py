"""The machine: the release, and the folder of the embedded state."""

from __future__ import annotations

import os
import platform
import shutil
from typing import TYPE_CHECKING

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.web.server.application import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.settings import Settings

LITTLE_BYTES = 5_000_000_000
NO_BYTES = 1_000_000_000
_FULL = Bilingual(
    "Ổ đĩa đầy thì mọi sự kiện gửi đến đều nhận 503 (không mất, nhưng phải gửi lại).",
    "With a full disk every event is answered 503: nothing is lost, all must be sent again.",
)


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Check the release, and on one machine the folder of the ledger and its disk."""
    python = platform.python_version()
    yield well("release", f"bản {VERSION}, Python {python}", f"release {VERSION}, Python {python}")
    if settings.database_url is None:
        yield check_home(settings.home)
        if settings.home.is_dir():
            yield check_disk(settings.home)


def check_home(home: Path) -> Finding:
    """Check that the folder exists and that this user may read and write its files."""
    if not home.is_dir():
        return broken(
            "home",
            Bilingual(f"không có thư mục {home}", f"there is no folder {home}"),
            Bilingual("Sổ nằm trong thư mục này.", "The ledger is stored in this folder."),
            Bilingual(
                "Đặt DVK_HOME đúng thư mục của sổ, hoặc chạy:", "Set DVK_HOME to it, or run:"
            ),
            "dvk up",
        )
    wanted = [home, *(home / name for name in ("log.db", "reporting.db", "dvk.lock"))]
    closed = [path for path in wanted if path.exists() and not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        listed = ", ".join(map(str, closed))
        return broken(
            "home",
            Bilingual(
                f"không được đọc hoặc ghi: {listed}", f"may not be read or written: {listed}"
            ),
            Bilingual(
                "Dịch vụ chạy bằng người dùng này sẽ không ghi được sổ.",
                "Services that run as this user cannot write the log.",
            ),
            Bilingual("Trả lại quyền cho người chạy sổ:", "Give them to the user of the ledger:"),
            f"chown --recursive $(id --user) {home}",
        )
    return well("home", f"{home}: đọc và ghi được", f"{home} can be read and written")


def check_disk(home: Path) -> Finding:
    """Check the free space on the disk of the log."""
    free = shutil.disk_usage(home).free
    megabytes = free // 1_000_000
    found = Bilingual(f"ổ đĩa còn {number(megabytes)} MB", f"{number_en(megabytes)} MB are free")
    make_room = (
        Bilingual("Xem cái gì chiếm chỗ, rồi dọn:", "See what uses the space, and free some:"),
        f"du --human-readable --max-depth=2 {home}",
    )
    if free < NO_BYTES:
        return broken("disk", found, _FULL, *make_room)
    if free < LITTLE_BYTES:
        return look("disk", found, _FULL, *make_room)
    return well("disk", *found)
