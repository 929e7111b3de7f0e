"""
Who holds a ledger.

A lock names its owner so well that a person can go and ask, and that a process on the same machine can tell whether the
owner still runs: a process id alone may have been given to another process since, its start time tells the two apart.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from reconciler.errors import LockedError
from reconciler.state.conversion import converter

Result = TypeVar("Result")

_POLL = 0.05
_LONGEST_POLL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOwner:
    """
    The run that holds a ledger.

    `started` is the process's start time in the words of its system, `boot` identifies the run of that system (both
    only compared, empty where unknown). `since` is UTC in ISO 8601 to the second.
    """

    id: str
    user: str
    host: str
    pid: int
    started: str
    boot: str
    command: str
    since: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host} (process {self.pid}, `reconciler {self.command}`) since {self.since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time of day, a clock that only goes forward, and a way to wait, in seconds; replaceable in tests."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def stamp(self) -> str:
        """Return the time of day in UTC, ISO 8601 to the second."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def this_process(command: str, *, clock: Clock) -> LockOwner:
    """Return the owner that this process is, with a new id."""
    return LockOwner(
        id=secrets.token_hex(8),
        user=user_name(),
        host=socket.gethostname(),
        pid=os.getpid(),
        started=process_start(os.getpid()),
        boot=boot_id(),
        command=command,
        since=clock.stamp(),
    )


def user_name() -> str:
    """Return who runs this process; a container's user need not have a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def boot_id() -> str:
    """Return what identifies this run of this machine's system, empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def process_start(pid: int) -> str:
    """Return when a process started, in the words of the system; empty when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _process_start_elsewhere(pid)
    # The second field is the program's name in brackets and may hold anything, a closing bracket too.
    fields = stat.rpartition(b")")[2].split()
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode("ascii")


def _process_start_elsewhere(pid: int) -> str:
    try:
        answer = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            env=os.environ | {"LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        # Not knowing must not free a lock.
        return "unknown"
    return answer.stdout.strip()


def on_this_machine(owner: LockOwner) -> bool:
    """Return whether an owner ran here, since this system started: only then do process ids mean the same."""
    here = boot_id()
    if here and owner.boot:
        return here == owner.boot
    return owner.host == socket.gethostname()


def is_gone(owner: LockOwner) -> bool:
    """Return whether an owner certainly runs no more; False for one on another machine, which nobody can tell."""
    if not on_this_machine(owner):
        return False
    started = process_start(owner.pid)
    return started != "unknown" and started != owner.started


def encode_owner(owner: LockOwner) -> dict[str, object]:
    """Return an owner's JSON form."""
    return cast("dict[str, object]", converter(LockOwner).encode(owner))


def decode_owner(fields: object) -> LockOwner:
    """Read an owner back; raises MismatchError."""
    return cast(LockOwner, converter(LockOwner).decode(fields))


def locked(name: str, owner: LockOwner | None, *, waited: float = 0.0) -> LockedError:
    """Return the error that says who holds a ledger and what to do."""
    who = "someone whose lock cannot be read" if owner is None else str(owner)
    waiting = f" (waited {waited:g} s)" if waited else ""
    return LockedError(
        f"{name} is locked by {who}{waiting}; nothing was sent",
        hint="Wait for that run to end, or let this one wait with --lock-timeout. If it certainly runs no more, "
        "free the ledger with `reconciler state unlock`.",
    )


def acquire(attempt: Callable[[], Result], *, name: str, timeout: float, clock: Clock) -> Result:
    """
    Try to lock until it succeeds or `timeout` seconds have passed.

    Raises LockedError, naming the holder.
    """
    started = clock.monotonic()
    pause = _POLL
    while True:
        try:
            return attempt()
        except LockHeldError as error:
            waited = clock.monotonic() - started
            if waited >= timeout:
                raise locked(name, error.owner, waited=round(waited, 1) if timeout else 0.0) from None
            clock.sleep(min(pause, timeout - waited))
            pause = min(pause * 1.5, _LONGEST_POLL)


class LockHeldError(Exception):
    """An attempt to lock found a holder; `owner` is None when its lock cannot be read."""

    def __init__(self, owner: LockOwner | None) -> None:
        super().__init__("the ledger is locked")
        self.owner = owner
