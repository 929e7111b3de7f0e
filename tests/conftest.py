"""What holds for every test: no network but loopback, none of the user's settings, and how hard Hypothesis tries."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

_LOCAL_NAMES = ("localhost", "", None)


def _is_local(host: object) -> bool:
    if host in _LOCAL_NAMES:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return text == "localhost"


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    """Stop what would leave the machine; an audit hook sees every socket of this process, whatever library made it."""
    if event == "socket.getaddrinfo" and not _is_local(arguments[0]):
        if str(arguments[0]).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise RuntimeError(f"a test looked up {arguments[0]!r}: only loopback is allowed")
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise RuntimeError(f"a test connected to {address[0]!r}: only loopback is allowed")


def pytest_configure() -> None:
    """Lay the ground before any test module is imported."""
    sys.addaudithook(_guard)
    for name in [*os.environ]:
        if name.startswith(("RECONCILER_", "ACME_", "MAXCONTACT_")) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            del os.environ[name]
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost", "::1")))
    # Tokens are cached below the user's cache directory: a test run must neither find nor leave any.
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="reconciler-tests-")
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Undo what a command line of this process did to logging: the next test may look at log records."""
    loggers = [logging.getLogger(name) for name in ("reconciler", "httpx", "httpcore")]
    before = [(each.level, each.propagate, each.handlers[:]) for each in loggers]
    yield
    for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers


# CI tries the same cases every time, so that a red run is about the change; a person's run explores.
settings.register_profile(
    "suite",
    max_examples=50,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("torture", max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
