"""
A world kept in one JSON file, owner-only, that several processes may use in turn.

Every request runs in a `session`: the file is locked, read again if another process has written it, and written
(beside, then renamed over) if the world changed. That is what makes `simulator://` behave like one server to two
commands that run at the same time. There is no fsync: the file survives a killed process, which is what tests do.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import ReconcilerError
from reconciler.simulator.snapshot import dump_world, read_world
from reconciler.simulator.world import World, new_world

if sys.platform != "win32":
    import fcntl

_Signature = tuple[int, int, int]


class Keeper:
    """Hold a world in memory only."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or new_world()
        self._lock = threading.RLock()

    @contextmanager
    def session(self) -> Iterator[World]:
        """Give the world to one caller at a time."""
        with self._lock:
            yield self.world


class FileKeeper(Keeper):
    """
    Hold a world in a file; a missing file is made with `initial` (default: a new tenant).

    Raises ReconcilerError for a file that is no world: it is never replaced.
    """

    def __init__(self, path: Path, *, initial: Callable[[], World] = new_world) -> None:
        super().__init__(World())
        self._path = path
        self._seen: _Signature | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._file_lock():
            if path.exists():
                self._reload()
            else:
                self.world = initial()
                self._write()

    @contextmanager
    def session(self) -> Iterator[World]:
        """Give the world to one caller of one process at a time, and write what they changed."""
        with self._lock, self._file_lock():
            if self._signature() != self._seen:
                self._reload()
            before = self.world.revision
            try:
                yield self.world
            finally:
                if self.world.revision != before:
                    self._write()

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        if sys.platform == "win32":
            yield
            return
        descriptor = os.open(self._path.with_name(self._path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _signature(self) -> _Signature | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _reload(self) -> None:
        try:
            self.world = read_world(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError) as problem:
            raise ReconcilerError(
                f"{self._path} does not hold the simulator's data: {problem}",
                hint="name another file, or move this one away to start with an empty contact centre",
            ) from None
        self._seen = self._signature()

    def _write(self) -> None:
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(dump_world(self.world))
        os.replace(beside, self._path)
        self._seen = self._signature()
