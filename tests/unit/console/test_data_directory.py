"""One ledger at a time runs on a home, and what a killed one left behind is cleared away."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from services.console.local.data_directory import (
    CannotStart,
    end_leftover,
    locked,
    port_taken,
    require_ports,
    write_pid,
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_second_ledger_on_the_same_home_is_refused_and_told_who_runs(tmp_path: Path) -> None:
    with locked(tmp_path):
        with pytest.raises(CannotStart) as refused, locked(tmp_path):
            pass
        assert str(os.getpid()) in refused.value.vietnamese
        assert str(os.getpid()) in refused.value.english
        assert str(tmp_path) in refused.value.english
    with locked(tmp_path):
        pass


def test_the_home_is_made_when_it_is_not_there(tmp_path: Path) -> None:
    with locked(tmp_path / "deep" / "home"):
        assert (tmp_path / "deep" / "home").is_dir()


def test_a_home_that_cannot_be_a_folder_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="DVK_HOME"), locked(tmp_path / "file" / "home"):
        pass


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert port_taken("127.0.0.1", port)
        with pytest.raises(CannotStart, match=f"Port {port} is in use") as refused:
            require_ports("127.0.0.1", [port])
        assert f"Cổng {port}" in refused.value.vietnamese
        assert "DVK_PORT=" in refused.value.vietnamese
    assert not port_taken("127.0.0.1", port)


def test_a_leftover_child_is_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    path = tmp_path / "run" / "registry.json"
    write_pid(path, sleeper.pid)
    assert end_leftover(path)
    assert sleeper.wait(10) == -15
    assert not end_leftover(path)


def test_a_stranger_with_the_same_process_id_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    path = tmp_path / "registry.json"
    write_pid(path, sleeper.pid)
    kept = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**kept, "started": "1"}))
    assert not end_leftover(path)
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", [b"", b"torn", b"{}", b'{"pid":"x","started":null}'])
def test_an_unreadable_pid_file_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.json"
    path.write_bytes(content)
    assert not end_leftover(path)
    assert not end_leftover(tmp_path / "absent.json")
