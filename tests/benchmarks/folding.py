"""How fast an archive is folded: by one process and by two, and by one and two workers of Spark.

    python -m tests.benchmarks.folding ARCHIVE            this machine's processes
    python -m tests.benchmarks.folding ARCHIVE --spark    and a cluster of Spark that it starts

Each engine folds every year twice, in turn with the others; the better time counts. All must give
the same figures. The archive is at least a million events of `dvk generate`, the machine quiet.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services.reporting.archive.engines import engine_at
from services.reporting.archive.layout import Storage
from services.reporting.archive.replay import replayed
from services.reporting.queries.facade import RECORDED_MAP, SummaryQuery
from shared.vocabulary import DEFAULT_PROGRAMME
from tests.e2e.dvk_command import free_ports

ROUNDS = 2
HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]


def main(address: str, *, with_spark: bool) -> None:
    """Measure and print one line for each engine."""
    measured({"one process": "local:1", "two processes": "local:2"}, address)
    if with_spark:
        for workers in (1, 2):
            with spark_cluster(workers) as cluster:
                measured({f"Spark, workers: {workers}": cluster}, address)


def measured(engines: dict[str, str], address: str) -> None:
    """Fold with each engine in turn, and print the best time of each."""
    storage = Storage(address)
    manifest = storage.manifest()
    assert manifest is not None, f"no archive is at {address}"
    events = manifest.head.position
    best = dict.fromkeys(engines, float("inf"))
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            begun = time.monotonic()
            with replayed(storage, engine_at(engine), lambda log: log.head().position) as reads:
                best[name] = min(best[name], time.monotonic() - begun)
                queries = [
                    SummaryQuery(None, year, DEFAULT_PROGRAMME, RECORDED_MAP)
                    for year in reads.years()
                ]
                digests = [reads.summary(query, reads.as_of())["digest"] for query in queries]
    load = os.getloadavg()[0]
    for name, seconds in best.items():
        rate = f"{seconds:6.1f} s {events / seconds:9,.0f} events/s"
        figures = f"{hash(tuple(digests)) & 0xFFFF:04x}"
        sys.stdout.write(f"{name:24} {rate}  load {load:.1f}  figures {figures}\n")


@contextmanager
def spark_cluster(workers: int) -> Iterator[str]:
    """Start a master and workers with one core each; yield the address."""
    import pyspark  # noqa: PLC0415  an optional extra

    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SPARK_HOME": str(home)}
    os.environ |= {"SPARK_LOCAL_IP": HOST, "PYSPARK_PYTHON": sys.executable}
    port = free_ports()
    address = f"spark://{HOST}:{port}"
    command = (str(home / "bin" / "spark-class"), "org.apache.spark.deploy")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="dvk-spark-"))
        environment |= {"SPARK_WORKER_DIR": folder, "PYSPARK_PYTHON": sys.executable}

        def start(kind: str, *more: str) -> None:
            words = [command[0], f"{command[1]}.{kind}", "--host", HOST, *more]
            stack.enter_context(_process(words, environment))

        start("master.Master", "--port", str(port), "--webui-port", str(port + 1))
        for n in range(workers):
            own = ("--port", str(port + 2 + 2 * n), "--webui-port", str(port + 3 + 2 * n))
            start("worker.Worker", *own, "-c", "1", "-m", "2g", address)
        yield address


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=quiet, stderr=quiet
    ) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], with_spark="--spark" in sys.argv[2:])
