"""
Dying at a chosen system call on the ledger's files: before it, half-way through a write, or after it.

What is counted are the calls of the operating system that a ledger is made of, whatever the code above them looks like.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    The call to die at, counted from 0 among those on files below `folder`.

    `when` is "before", "half" (of what is written; other calls are not reached) or "after"; or "raise", where the call
    fails with an exception that nobody foresaw instead. `count` names a file that gets the number of calls so far, a
    byte each.
    """

    folder: str
    number: int = -1
    when: str = "before"
    count: str = ""


def die_at(moment: Moment) -> None:
    """Let this process die there."""
    guard = threading.Lock()
    seen = 0
    kept = os.open(moment.count, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if moment.count else -1
    write = os.write

    def strike(name: str, concerns: Callable[..., str]) -> None:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal seen
            if not concerns(*arguments).startswith(moment.folder):
                return real(*arguments, **named)
            with guard:
                # Held during the call: the dead do nothing more in other threads either.
                mine = seen == moment.number
                seen += 1
                if kept >= 0:
                    write(kept, b".")
                if mine and moment.when == "before":
                    os.kill(os.getpid(), signal.SIGKILL)
                if mine and moment.when == "raise":
                    raise RuntimeError("not foreseen")
                if mine and moment.when == "half" and name == "write":
                    real(arguments[0], bytes(arguments[1])[: max(1, len(arguments[1]) // 2)])
                    os.kill(os.getpid(), signal.SIGKILL)
                result = real(*arguments, **named)
                if mine:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

        setattr(os, name, call)

    for name in ("write", "fsync"):
        strike(name, _behind)
    for name in ("replace", "rename", "link", "unlink"):
        strike(name, lambda *paths: os.path.abspath(os.fsdecode(paths[0])))


def _behind(descriptor: int, *_: object) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""
