"""An archive is folded on real clusters of Dask and Spark, and a worker that is lost changes nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from services.reporting.archive.checking import verify
from services.reporting.archive.engines import Engine, dask, local, spark
from services.reporting.archive.layout import Storage
from services.reporting.archive.replay import replayed
from services.reporting.archive.writer import archive
from services.reporting.audit.comparison import TABLES, flat
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import RECORDED_MAP, SummaryQuery
from shared.vocabulary import DEFAULT_PROGRAMME, Family
from tests.e2e.dvk_command import free_ports
from tests.support.cloudevents import country, unit
from tests.support.event_builders import recognized, registered
from tests.support.redactions import redactions_of, redacts, replace_in_log
from tests.support.scenarios import History

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.timeout(600)]
HOST = "127.0.0.1"
UNITS, REGISTRATIONS, POSITIONS = 8, 4_000, 1_000
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    """Return an archive of one year, large enough that a worker can be lost while it is folded."""
    storage = Storage(str(tmp_path_factory.mktemp("archived") / "archive"))
    archive(_history().log.as_family(Family.REPORTING), storage, POSITIONS)
    return storage


@cache
def _history() -> History:
    history = History().given(country(), *(unit(f"u{n}") for n in range(UNITS)))
    for n in range(REGISTRATIONS):
        history.given(registered(f"{n}", unit_id=f"u{n % UNITS}"))
    history.given(*(recognized(f"{n}") for n in range(0, REGISTRATIONS, 3)))
    return history


@cache
def expected(storage: Storage) -> Any:
    """Return every figure as this process folds it."""
    return figures(storage, local(1))


def figures(storage: Storage, engine: Engine) -> Any:
    with replayed(storage, engine, lambda log: log.head().position) as reads:
        query = SummaryQuery(None, 2022, DEFAULT_PROGRAMME, RECORDED_MAP, read_by(TABLES))
        return flat(reads.summary(query, reads.as_of()))


@contextmanager
def process(*command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    with subprocess.Popen(command, env=environment, start_new_session=True) as running:
        try:
            yield running
        finally:
            with suppress(ProcessLookupError):  # the lost worker has gone before
                os.killpg(running.pid, signal.SIGKILL)


def until(what: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def killed_while_working(
    worker: subprocess.Popen[bytes], working: Callable[[], bool]
) -> threading.Thread:
    """Kill a worker with all its processes as soon as the cluster works."""

    def kill() -> None:
        until(working)
        os.killpg(worker.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


@pytest.mark.skipif(find_spec("moto") is None, reason="moto is not installed: make .venv/.cluster")
def test_an_object_store_has_the_same_archive(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-a-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-a-test")
    port = free_ports()
    with process(str(BIN / "moto_server"), "-H", HOST, "-p", str(port)):
        until(lambda: _made(f"http://{HOST}:{port}/bucket"))
        where = f"scheme=http&endpoint_override={HOST}:{port}&region=us-east-1"
        stored = Storage(f"s3://bucket/archive?{where}")
        log = _history().log.as_family(Family.REPORTING)
        manifest = archive(log, stored, POSITIONS)
        assert archive(log, stored, POSITIONS) == manifest
        assert list(verify(manifest, stored.address, local(1))) == []
        assert figures(stored, local(1)) == expected(storage)
        _redaction_leaves_no_old_text_in(stored)


def _redaction_leaves_no_old_text_in(stored: Storage) -> None:
    history = _history().copied()
    log = history.log.as_family(Family.REPORTING)
    (event,) = log.read(UNITS + 9, 1)
    old = json.loads(event.body)["data"]["title"]
    history.given(redacts(event, {"/title": "[đã che]"}))
    replace_in_log(history)
    manifest = archive(log, stored, POSITIONS, redactions=redactions_of(history))
    assert list(verify(manifest, stored.address, local(1))) == []
    assert sorted(stored.names("log")) == sorted(file.name for file in manifest.files)
    with stored.input(manifest.files[0].name) as opened:
        rows = pq.read_table(opened).to_pylist()
    (row,) = [each for each in rows if each["position"] == event.position]
    assert old not in row["body"].decode()
    assert row["digest"] == event.digest


def _made(bucket: str) -> bool:
    try:
        return httpx.put(bucket, timeout=10).is_success
    except httpx.TransportError:
        return False


@pytest.mark.skipif(
    find_spec("distributed") is None, reason="Dask is not installed: make .venv/.cluster"
)
def test_dask_gives_the_same_figures_though_a_worker_is_lost(storage: Storage) -> None:
    from distributed import Client  # noqa: PLC0415  an optional extra

    address = f"tcp://{HOST}:{free_ports()}"
    command = (
        str(BIN / "dask"),
        "worker",
        address,
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
    )
    with ExitStack() as stack:
        stack.enter_context(
            process(str(BIN / "dask"), "scheduler", "--host", HOST, "--port",
                    address.rpartition(":")[2], "--no-dashboard")
        )  # fmt: skip
        lost, _ = [stack.enter_context(process(*command)) for _ in range(2)]
        client = stack.enter_context(Client(address, set_as_default=False))
        client.wait_for_workers(2)
        killing = killed_while_working(lost, lambda: all(client.processing().values()))
        assert figures(storage, dask(address)) == expected(storage)
        killing.join(1)
        assert lost.poll() is not None


@pytest.mark.skipif(
    find_spec("pyspark") is None or shutil.which("java") is None,
    reason="Spark or Java is not installed: make .venv/.cluster",
)
def test_spark_gives_the_same_figures_though_a_worker_is_lost(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyspark  # noqa: PLC0415  an optional extra

    home = Path(pyspark.__file__).parent
    monkeypatch.setenv("SPARK_LOCAL_IP", HOST)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    first = free_ports()
    address = f"spark://{HOST}:{first}"
    deploy = (str(home / "bin" / "spark-class"), "org.apache.spark.deploy")

    def started(kind: str, *more: str) -> Any:
        command = [deploy[0], f"{deploy[1]}.{kind}", "--host", HOST, *more]
        return process(*command, SPARK_HOME=str(home), SPARK_WORKER_DIR=str(tmp_path))

    with ExitStack() as stack:
        stack.enter_context(
            started("master.Master", "--port", str(first), "--webui-port", str(first + 1))
        )
        ports = [(str(first + n), str(first + n + 1)) for n in (2, 4)]
        lost, _ = [
            stack.enter_context(
                started("worker.Worker", "--port", port, "--webui-port", ui, "-c", "1", "-m", "1g", address)
            )
            for port, ui in ports
        ]  # fmt: skip
        killing = killed_while_working(lost, lambda: _has_python(lost.pid))
        assert figures(storage, spark(address)) == expected(storage)
        killing.join(1)
        assert lost.poll() is not None


def _has_python(group: int) -> bool:
    """Return whether a process of a group runs Python: the executor of a worker folds."""
    return any("pyspark" in command for command in _commands_of(group))


def _commands_of(group: int) -> Sequence[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) == group:
                found.append((entry / "cmdline").read_text("utf-8", "replace"))
        except OSError:
            continue  # it ended meanwhile
    return [each for each in found if "python" in each.partition("\0")[0]]
