"""Get passwords from where a manifest says they are. Only applying and logging in do: planning never needs one."""

from __future__ import annotations

import secrets
import string
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import SecretError
from reconciler.model.desired import PasswordMethod, PasswordSource
from reconciler.model.secret import Secret

COMMAND_TIMEOUT = 60.0
"""Seconds that a password command may take: a password manager may ask for a fingerprint."""

GENERATED_LENGTH = 32
LONGEST_PASSWORD = 4096
_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%+-.:=?@_")


def resolve_password(
    source: PasswordSource,
    *,
    environment: Mapping[str, str],
    directory: Path,
    timeout: float = COMMAND_TIMEOUT,
) -> Secret:
    """
    Return the password of a source.

    A relative file, and a command, start from `directory`; `timeout` is in seconds. Raises SecretError, which names the
    source and never what it gave, when there is nothing usable.
    """
    match source.method:
        case PasswordMethod.GENERATE:
            return _generate()
        case PasswordMethod.ENVIRONMENT:
            text = environment.get(source.argument[0], "")
            hint = f"set {source.argument[0]} where this runs; in a pipeline, from its secret store"
        case PasswordMethod.FILE:
            text = _first_line(_read_file(source, directory), source)
            hint = "write the password on the file's first line"
        case PasswordMethod.COMMAND:
            text = _first_line(_run(source, environment, directory, timeout), source)
            hint = "run the command by hand: its first line of output has to be the password"
    if not text:
        raise SecretError(f"the {source} gives no password", hint=hint)
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise SecretError(f"the {source} gives a password with control characters in it", hint=hint)
    return Secret(text)


def _generate() -> Secret:
    """Return a random password that has a character of every sort, as password policies ask."""
    everything = "".join(_ALPHABETS)
    characters = [secrets.choice(alphabet) for alphabet in _ALPHABETS]
    characters += [secrets.choice(everything) for _ in range(GENERATED_LENGTH - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return Secret("".join(characters))


def _first_line(data: bytes, source: PasswordSource) -> str:
    line = data.partition(b"\n")[0].removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf")
    if len(line) > LONGEST_PASSWORD:
        raise SecretError(f"the {source} gives a first line that is too long for a password", hint="check the source")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # Chained, the error would carry the bytes, which may be most of the password.
        raise SecretError(f"the {source} gives no UTF-8 text", hint="store the password as plain text") from None


def _read_file(source: PasswordSource, directory: Path) -> bytes:
    path = directory / Path(source.argument[0]).expanduser()
    try:
        if not path.is_file():
            raise SecretError(f"the {source} does not exist", hint="create it, readable for its owner only")
        with path.open("rb") as file:
            return file.readline(LONGEST_PASSWORD + 2)
    except OSError as error:
        hint = "make it readable for the user who runs this"
        raise SecretError(f"the {source} cannot be read: {error.strerror}", hint=hint) from None


def _run(source: PasswordSource, environment: Mapping[str, str], directory: Path, timeout: float) -> bytes:
    """Return what the command prints; its standard error goes to the user's, so that it can ask and complain."""
    try:
        finished = subprocess.run(
            source.argument,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=directory,
            env=dict(environment),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        hint = "log in to the password manager first, or raise its speed"
        raise SecretError(f"the {source} did not end within {timeout:g} seconds", hint=hint) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its arguments are not usable"
        raise SecretError(f"the {source} cannot be run: {reason}", hint="check that it is installed") from None
    if finished.returncode:
        hint = "run it by hand to see why"
        raise SecretError(f"the {source} failed with exit code {finished.returncode}", hint=hint)
    return finished.stdout
