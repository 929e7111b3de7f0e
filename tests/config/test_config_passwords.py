"""Passwords come from where a manifest says, or fail with the source's name and never with a value."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from reconciler.config.passwords import resolve_password
from reconciler.errors import SecretError
from reconciler.model.desired import PasswordMethod, PasswordSource

PYTHON = sys.executable


def source(method: str, *argument: str) -> PasswordSource:
    """Return a password source."""
    return PasswordSource(method=PasswordMethod(method), argument=argument)


def resolve(wanted: PasswordSource, directory: Path, timeout: float = 30.0, **environment: str) -> str:
    """Return the clear password of a source."""
    known = {"PATH": os.environ.get("PATH", ""), **environment}
    return resolve_password(wanted, environment=known, directory=directory, timeout=timeout).reveal()


def test_an_environment_variable(tmp_path: Path) -> None:
    """The variable's value, to the character."""
    assert resolve(source("env", "JANE"), tmp_path, JANE=" pä:s ") == " pä:s "


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond line\n"])
def test_a_file(tmp_path: Path, ending: str) -> None:
    """The first line, without its end; a relative path starts from the configuration directory."""
    (tmp_path / "jane").write_bytes(f"s3cret{ending}".encode())
    assert resolve(source("file", "jane"), tmp_path) == "s3cret"
    assert resolve(source("file", str(tmp_path / "jane")), Path("/")) == "s3cret"


def test_a_command(tmp_path: Path) -> None:
    """The first line of its output; no shell looks at its arguments, and it sees the environment."""
    code = "import os, sys; print(sys.argv[1] + os.environ['JANE']); print('second')"
    assert resolve(source("command", PYTHON, "-c", code, "$(id); *"), tmp_path, JANE="x") == "$(id); *x"


def test_a_generated_one(tmp_path: Path) -> None:
    """Long, of every sort of character, another one each time."""
    made = {resolve(source("generate"), tmp_path) for _ in range(20)}
    assert len(made) == 20
    for password in made:
        assert len(password) >= 24
        assert password.isascii()
        assert any(each.isupper() for each in password)
        assert any(each.islower() for each in password)
        assert any(each.isdigit() for each in password)
        assert not password.isalnum()


@pytest.mark.parametrize(
    ("wanted", "content", "message", "hint"),
    [
        (source("env", "JANE"), b"", "environment variable JANE gives no password", "set JANE"),
        (source("file", "missing"), b"", "file missing does not exist", "create it"),
        (source("file", "."), b"", "does not exist", "create it"),
        (source("file", "jane"), b"", "file jane gives no password", "first line"),
        (source("file", "jane"), b"\ns3cret", "file jane gives no password", "first line"),
        (source("file", "jane"), b"s3cret\xff\xfe", "gives no UTF-8 text", "plain text"),
        (source("file", "jane"), b"s3cret\x00", "control characters", "first line"),
        (source("file", "jane"), b"s3cret" * 10_000, "too long", "check the source"),
        (source("command", "no-such-command"), b"", "command no-such-command cannot be run", "installed"),
        (source("command", "x\0y"), b"", "cannot be run", "installed"),
        (source("command", PYTHON, "-c", "print('s3cret'); exit(3)"), b"", "exit code 3", "by hand"),
        (source("command", PYTHON, "-c", ""), b"", "gives no password", "first line of output"),
    ],
)
def test_a_source_that_gives_nothing(
    tmp_path: Path, wanted: PasswordSource, content: bytes, message: str, hint: str
) -> None:
    """The error names the source and the way out; the value is in neither, nor in what the error carries."""
    (tmp_path / "jane").write_bytes(content)
    with pytest.raises(SecretError) as raised:
        resolve(wanted, tmp_path)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert "s3cret" not in f"{raised.value!r}{raised.value.hint}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_command_that_hangs(tmp_path: Path) -> None:
    """A password manager that waits for ever is stopped."""
    started = time.monotonic()
    with pytest.raises(SecretError, match="did not end within"):
        resolve(source("command", PYTHON, "-c", "import time; time.sleep(60)"), tmp_path, timeout=0.5)
    assert time.monotonic() - started < 20
