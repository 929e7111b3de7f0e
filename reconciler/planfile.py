"""Saving a plan and reading it back: what was reviewed is what is applied, or nothing is."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from reconciler.errors import ReconcilerError
from reconciler.model.json_text import digest_of, json_text
from reconciler.model.plan import FORMAT_VERSION, Plan
from reconciler.model.plan_document import DIGEST, plan_document, plan_from_document

LARGEST = 512 * 1024 * 1024
"""No plan is near this many bytes; a file that is larger isn't one."""

PLAN_AGAIN = "make a new plan with: reconciler plan --out FILE"


def document(plan: Plan) -> dict[str, Any]:
    """Return the plan's JSON document (`schemas/plan.schema.json`); the same plan gives the same document."""
    return plan_document(plan)


def save(plan: Plan, path: str | os.PathLike[str]) -> None:
    """
    Write the plan to a file that only its owner may read, whole or not at all.

    A plan holds no password, but names, logins and what is about to change are nobody else's business. Raises
    ReconcilerError when the file can't be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise ReconcilerError(f"{path} is not a regular file", hint="--out needs a file's name")
    text = json_text(plan_document(plan))
    try:
        _write(target, text.encode())
    except OSError as error:
        raise ReconcilerError(
            f"the plan could not be saved to {path}: {error.strerror or error}",
            hint="name a file in a directory that exists and may be written to",
        ) from error


def load(path: str | os.PathLike[str]) -> Plan:
    """
    Read a saved plan.

    Raises ReconcilerError for a file that can't be read, that isn't a saved plan, that was cut or edited since it was
    saved, or that a version of this tool with another major format wrote.
    """
    data = _parse(path, _read(path))
    if not isinstance(data, dict) or "formatVersion" not in data:
        _refuse(path, "is not a saved plan", "apply takes a configuration directory or a file that plan --out wrote")
    version = data["formatVersion"]
    if not isinstance(version, str) or version.split(".")[0] != FORMAT_VERSION.split(".")[0]:
        _refuse(
            path,
            f"has format version {version!r}, and this version of reconciler reads {FORMAT_VERSION}",
            "apply it with the version that wrote it, or " + PLAN_AGAIN,
        )
    digest = data.pop(DIGEST, None)
    try:
        if digest != digest_of(data):
            _refuse(path, "was changed or damaged after it was saved", PLAN_AGAIN)
        return plan_from_document(data)
    except (ValueError, TypeError, RecursionError) as error:
        _refuse(path, f"is not a plan that this version can read: {error}", PLAN_AGAIN)


def _refuse(path: str | os.PathLike[str], what: str, hint: str) -> NoReturn:
    raise ReconcilerError(f"{os.fspath(path)} {what}; nothing was sent", hint=hint)


def _read(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                _refuse(path, "is not a regular file", "name a file that plan --out wrote")
            if facts.st_size > LARGEST:
                _refuse(path, f"is larger than {LARGEST} bytes and no saved plan", "name a file that plan --out wrote")
            return file.read()
    except OSError as error:
        raise ReconcilerError(
            f"{os.fspath(path)} could not be read: {error.strerror or error}", hint="name a file that plan --out wrote"
        ) from error


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a named pipe at once instead of waiting for somebody to write to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _parse(path: str | os.PathLike[str], content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        _refuse(path, f"is not a whole JSON document ({error})", PLAN_AGAIN)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _write(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
