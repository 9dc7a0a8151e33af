"""The evidence of a sealed log on a port of this machine, as reporting serves it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from services.reporting.integrity.evidence import LogEvidence
from services.reporting.integrity.routes import integrity_router
from shared.clock import MICROSECONDS
from shared.trust.keys import SecretKey
from shared.trust.notes import COSIGNATURE, ED25519, VerifierKey
from shared.trust.policy import Policy
from shared.vocabulary import Family
from shared.web.server.application import new_app
from shared.web.server.connection_limits import LimitedHttpProtocol
from shared.web.server.declared_parameters import add_routes
from tests.support.sealed_log import KEY, ORIGIN, START_US, SealedLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WITNESSES = {
    name: SecretKey.from_seed(name.encode().ljust(32)) for name in ("one.example", "two.example")
}
VKEY = str(VerifierKey(ORIGIN, ED25519, KEY.public))
POLICY = "\n".join(
    [
        f"log {VKEY}",
        *(
            f"witness {name} {VerifierKey(name, COSIGNATURE, key.public)}"
            for name, key in WITNESSES.items()
        ),
        f"group both all {' '.join(WITNESSES)}",
        "quorum both",
    ]
)
NOW = START_US // MICROSECONDS + 3_600


class ServedSeals:
    """A sealed log and its evidence; `url` is where it is served."""

    def __init__(self, log: SealedLog, policy: str | None = POLICY) -> None:
        self.log = log
        self.now = NOW
        judged = Policy.parse(policy) if policy else None
        self.evidence = LogEvidence(
            log.log, log.store, judged, clock=lambda: self.now * MICROSECONDS
        )
        self.app = new_app(
            title="Reporting", title_vi="Tổng hợp", description="", family=Family.REPORTING
        )
        add_routes(self.app, integrity_router(self.evidence))
        self.url = ""


@contextmanager
def served(home: Path, policy: str | None = POLICY) -> Iterator[ServedSeals]:
    """Serve a log that is empty at first; the test makes it grow and seals it."""
    log = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    seals = ServedSeals(log, policy)
    config = uvicorn.Config(
        seals.app, port=0, http=LimitedHttpProtocol, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        seals.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield seals
    finally:
        server.should_exit = True
        thread.join()
        log.close()
