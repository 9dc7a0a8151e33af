"""The nginx of the data centre, run from deploy/proxy, and a service behind it that keeps all."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from services.console.local.redis_server import free_port
from shared.web.server.safe_headers import ONLY_TLS, SAFE_HEADERS
from tests.support.certificates import certificate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REPOSITORY = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NEEDS_NGINX = pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
START_SECONDS = 20.0
LONG = 64 * 1024 * 1024


class Seen(NamedTuple):
    """A request as it reached the service."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Service:
    """A service that answers everything with 200, and `/long` with more than any buffer holds."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[Seen] = []
        self.cut = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.seen.append(Seen(self.command, self.path, headers, body))
                length = LONG if self.path == "/long" else 2
                self.send_response(service.status)
                for name, value in (*SAFE_HEADERS, ONLY_TLS):
                    self.send_header(name.decode(), value.decode())
                self.send_header("Content-Length", str(length))
                self.end_headers()
                if self.command == "HEAD":
                    return
                try:
                    for _ in range(max(1, length // 65_536)):
                        self.wfile.write(b"{}" if length == 2 else bytes(65_536))
                    self.wfile.flush()
                except OSError:
                    service.cut.set()

            def do_GET(self) -> None:
                self.answer()

            def do_HEAD(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @contextmanager
    def answering(self) -> Iterator[Service]:
        """Answer until the end."""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()

    @property
    def port(self) -> int:
        return self.server.server_address[1]


class Proxy(NamedTuple):
    """A running nginx: its two ports, its certificate, and the service behind all prefixes."""

    port: int
    tls_port: int
    certificate: Path
    service: Service

    def say(self, raw: bytes) -> bytes:
        """Send bytes over HTTP, and return all that comes until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            connection.sendall(raw)
            answer = b""
            with suppress(ConnectionResetError):
                while piece := connection.recv(65_536):
                    answer += piece
        return answer


@contextmanager
def proxy(
    folder: Path,
    *,
    authorities: Path | None = None,
    seconds: int | None = None,
    followers: Iterable[Service] = (),
) -> Iterator[Proxy]:
    """Run nginx by the files of the data centre; `seconds` replaces all its timeouts."""
    service, port, tls_port = Service(), free_port(), free_port()
    file, _ = certificate(folder, "localhost")
    _write(folder, service.port, port, tls_port, seconds)
    (folder / "tls/certificate.pem").write_bytes(file.read_bytes())
    (folder / "tls/key.pem").write_bytes(file.with_suffix(".key").read_bytes())
    admission = folder / "tls/admission/admission.conf"
    if authorities is None:
        admission.symlink_to("/dev/null")
    else:
        (folder / "tls/authorities.pem").write_bytes(authorities.read_bytes())
        text = (REPOSITORY / "deploy/proxy/admission.conf").read_text("utf-8")
        admission.write_text(text.replace("/etc/nginx/", f"{folder}/"), "utf-8")
    line = (REPOSITORY / "deploy/proxy/followers.conf").read_text("utf-8")
    (folder / "readers").mkdir()
    for each in followers:
        text = line.replace("follower:8080", f"127.0.0.1:{each.port}")
        (folder / f"readers/{each.port}.conf").write_text(text, "utf-8")
    command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    with service.answering():
        try:
            _until_it_listens(process, (port, tls_port), folder)
            yield Proxy(port, tls_port, file, service)
        finally:
            process.terminate()
            process.wait(20)


def _write(folder: Path, behind: int, port: int, tls_port: int, seconds: int | None) -> None:
    (folder / "tls/admission").mkdir(parents=True)
    for name in ("nginx.conf", "locations.conf", "tls/tls.conf"):
        text = (REPOSITORY / "deploy/proxy" / Path(name).name).read_text("utf-8")
        text = re.sub(r"(server) \w+:808\d\b", rf"\1 127.0.0.1:{behind}", text)
        text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
        text = text.replace("listen 8443 ssl;", f"listen 127.0.0.1:{tls_port} ssl;")
        text = text.replace(" /tmp/", f" {folder}/").replace("/etc/nginx/", f"{folder}/")
        text = text.replace("/etc/readers/", f"{folder}/readers/")
        text = text.replace("worker_processes auto;", "worker_processes 1;")
        if seconds is not None:
            text = re.sub(r"(timeout) \d+s;", rf"\1 {seconds}s;", text)
        (folder / name).write_text(text, "utf-8")


def _until_it_listens(process: subprocess.Popen[bytes], ports: Iterable[int], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            log = (folder / "nginx.log").read_text("utf-8")
            assert process.poll() is None, log
            assert time.monotonic() < deadline, log
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                break
