"""
The lock beside a ledger's file.

Its content says who holds it; that the holder still runs is told by the kernel's lock (flock) on that same file, which
ends with the process, however it ends. The file appears under its name with its content, locked already, and is never
written again: it is made under another name and then linked, which only one process can do. So nobody ever meets a lock
whose owner is still to be written.

A file whose flock is free was left by a process that was killed, if it ran on this machine since it was started. Its
process must be gone as well: on a file system without a working flock that is the second line. Removing such a file
needs its flock, and the proof that it is still the one under that name, so that of two who find it one removes it and
both then compete for the next. Of a lock made on another machine (a shared disk) nobody here can tell whether its
process runs: it holds until a person removes it.

A holder whose lock was removed by force sees at its next write that the file under the name is not its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from reconciler.errors import LedgerError, LockedError
from reconciler.state.codec import dump
from reconciler.state.conversion import MismatchError
from reconciler.state.lock import Clock, LockHeldError, LockOwner, decode_owner, encode_owner, is_gone, locked

_TRANSITION_ATTEMPTS = 20
_TRANSITION_PAUSE = 0.01
_PLACEHOLDER_AGE = 10.0
_LONGEST = 65536


class FileHold:
    """A held lock file."""

    def __init__(self, path: Path, *, owner: LockOwner, descriptor: int, at_release: Callable[[], None]) -> None:
        self.owner = owner
        self._path = path
        self._descriptor: int | None = descriptor
        self._at_release = at_release

    def check(self) -> None:
        """Raise LockedError when the lock was removed, or is another's now."""
        if self._descriptor is None or not _is_at(self._path, self._descriptor):
            raise LockedError(
                f"the lock {self._path} was taken away from this run; nothing more is sent",
                hint="Someone used `reconciler state unlock`. What was done is recorded: plan again.",
            )

    def release(self) -> None:
        """Remove the file while it is still locked, then let go."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            self._at_release()
            # Where it cannot be removed, the next run finds that its process is gone.
            with contextlib.suppress(OSError):
                if _is_at(self._path, descriptor):
                    self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


class FileLock:
    """The lock file at a path."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def acquire(self, owner: LockOwner, *, at_release: Callable[[], None]) -> FileHold:
        """
        Become the only holder.

        Raises LockHeldError naming the holder; OSError when the file system refuses.
        """
        holder: LockOwner | None = None
        for _ in range(_TRANSITION_ATTEMPTS):
            if not os.path.lexists(self._path):
                descriptor = self._create(owner)
                if descriptor is not None:
                    return FileHold(self._path, owner=owner, descriptor=descriptor, at_release=at_release)
            freed, holder = self._remove_if_left()
            if not freed:
                # The owner is gone but its flock is taken: someone looks at it or is taking it over just now.
                self._clock.sleep(_TRANSITION_PAUSE)
        raise LockHeldError(holder)

    def is_held(self) -> bool:
        """Return whether a run may hold the lock; nothing is changed."""
        with self._opened() as descriptor:
            if descriptor is None:
                return False
            owner = _owner(descriptor)
            return not _flock(descriptor, fcntl.LOCK_SH) or owner is None or not is_gone(owner)

    def owner(self) -> LockOwner | None:
        """
        Return the owner that the file names; None when there is none.

        Raises LedgerError when it cannot be read.
        """
        with self._opened() as descriptor:
            if descriptor is None:
                return None
            owner = _owner(descriptor)
        if owner is None:
            raise LedgerError(f"{self._path} does not say who holds the lock", hint="Remove that file by hand.")
        return owner

    def remove(self, owner: LockOwner, *, force: bool, name: str) -> None:
        """Remove that owner's lock; raises LockedError when it is another's now or (without `force`) still runs."""
        with self._opened() as descriptor:
            if descriptor is None:
                return
            found = _owner(descriptor)
            if found is None or found.id != owner.id:
                raise locked(name, found)
            if not force and not _flock(descriptor, fcntl.LOCK_EX):
                raise LockedError(
                    f"{name} is held by {found}, and that process still runs",
                    hint="Stop it first (Ctrl-C lets it record what it does), or remove the lock with --force.",
                )
            if _is_at(self._path, descriptor):
                self._path.unlink(missing_ok=True)

    def _create(self, owner: LockOwner) -> int | None:
        """Return the locked descriptor of a new lock file, None when someone else was first."""
        draft = self._path.with_name(f"{self._path.name}.{owner.id}")
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            _flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, f"{dump(encode_owner(owner))}\n".encode())
            os.fsync(descriptor)
            if not self._publish(draft):
                os.close(descriptor)
                return None
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            draft.unlink(missing_ok=True)
        self._sweep()
        return descriptor

    def _publish(self, draft: Path) -> bool:
        """Give the draft its name, unless that is taken."""
        try:
            os.link(draft, self._path, follow_symlinks=False)
        except FileExistsError:
            return False
        except FileNotFoundError:
            # Swept away as if its maker were gone.
            return False
        except OSError:
            # A file system without second names: reserve the name, then put the draft in its place.
            try:
                os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            except FileExistsError:
                return False
            os.replace(draft, self._path)
        return True

    def _sweep(self) -> None:
        """Remove drafts whose makers were killed; a living one holds its draft's flock."""
        for draft in self._path.parent.glob(f"{self._path.name}.*"):
            with contextlib.suppress(OSError):
                descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    if _flock(descriptor, fcntl.LOCK_EX):
                        draft.unlink(missing_ok=True)
                finally:
                    os.close(descriptor)

    def _remove_if_left(self) -> tuple[bool, LockOwner | None]:
        """
        Remove a lock that a killed process left; return whether the name may be free now, and the owner found.

        Raises LockHeldError when it is, or must be taken to be, held.
        """
        with self._opened() as descriptor:
            if descriptor is None:
                return True, None
            owner = _owner(descriptor)
            gone = is_gone(owner) if owner is not None else self._is_old(descriptor)
            if not gone:
                raise LockHeldError(owner)
            if not _flock(descriptor, fcntl.LOCK_EX):
                return False, owner
            if _is_at(self._path, descriptor):
                self._path.unlink(missing_ok=True)
            return True, owner

    def _is_old(self, descriptor: int) -> bool:
        """Return whether a file without content stayed so: its maker was killed between reserving and replacing."""
        status = os.fstat(descriptor)
        return status.st_size == 0 and self._clock.now().timestamp() - status.st_mtime > _PLACEHOLDER_AGE

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int | None]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        except OSError as error:
            raise LedgerError(
                f"cannot open the lock {self._path}: {error.strerror or error}",
                hint="It must be a file that this user may read, and no symbolic link.",
            ) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _flock(descriptor: int, kind: int) -> bool:
    """Return whether the kernel's lock was free; where a file system has none, the process's life must decide."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _owner(descriptor: int) -> LockOwner | None:
    try:
        return decode_owner(json.loads(os.pread(descriptor, _LONGEST, 0)))
    except (OSError, ValueError, MismatchError, RecursionError):
        return None
