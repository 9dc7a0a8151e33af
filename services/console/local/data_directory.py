"""The folder that holds the embedded state: one ledger at a time may run on it."""

import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import orjson

from shared.errors import LedgerError

_END_SECONDS = 10.0


class CannotStart(Exception):  # noqa: N818  the messages are what the user reads
    """The ledger cannot start; the message in Vietnamese and in English, with advice."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(english)
        self.vietnamese = vietnamese
        self.english = english

    @classmethod
    def for_reason(cls, error: LedgerError) -> Self:
        """Return the problem in both languages, as the command prints it."""
        rule, params = error.problem.rule, error.problem.params
        return cls(rule.words("vi", params), rule.words("en", params))


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Lock the home for this process; a second ledger on it gets the process id of the holder.

    The lock is the kernel's, so it ends with the process however that ends.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / "dvk.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(
            f"Không ghi được vào thư mục {home}: {error.strerror}. Hãy đặt DVK_HOME sang thư mục "
            "khác.",
            f"The folder {home} cannot be written: {error.strerror}. Set DVK_HOME to another one.",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "?"
            raise CannotStart(
                f"Sổ đang chạy trên thư mục {home} (tiến trình {holder}). Hãy dùng sổ đó, hoặc "
                "dừng nó trước.",
                f"A ledger runs on {home} already (process {holder}). Use that one, or stop it "
                "first.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(lock: Path, vietnamese: str, english: str) -> Iterator[None]:
    """Lock a file for this process; raises `CannotStart` with these words if another has it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(vietnamese, english) from None
        yield
    finally:
        os.close(descriptor)


def port_taken(host: str, port: int) -> bool:
    """Say whether a process already listens on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port that a stopped service has just left must not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def require_ports(host: str, ports: Sequence[int]) -> None:
    """Refuse to start when one of the ports is in use."""
    taken = [str(port) for port in ports if port_taken(host, port)]
    if taken:
        listed, other = ", ".join(taken), ports[0] + 1000
        raise CannotStart(
            f"Cổng {listed} đang được chương trình khác sử dụng. Hãy chọn cổng khác, ví dụ: "
            f"DVK_PORT={other} dvk up",
            f"Port {listed} is in use by another program. Choose others, for example: "
            f"DVK_PORT={other} dvk up",
        )


def write_pid(path: Path, pid: int) -> None:
    """Store the process id of a child, so that a later start can end it after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({"pid": pid, "started": _started(pid)}))


def end_leftover(path: Path) -> bool:
    """End the child that a killed ledger left behind; say whether there was one.

    The system reuses process ids, so the start time must match too.
    """
    try:
        kept = orjson.loads(path.read_bytes())
        pid, started = int(kept["pid"]), kept["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    path.unlink(missing_ok=True)
    if started is None or _started(pid) != started:
        return False
    deadline = time.monotonic() + _END_SECONDS
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while _started(pid) == started:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
    return True


def _started(pid: int) -> str | None:
    """Return the start time of a process, in ticks since boot; None if it has ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return None
    return None if after_name[0] == "Z" else after_name[19]
