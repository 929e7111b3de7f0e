"""
A ledger in a file, for one machine or a disk that several share.

    PATH           the ledger; replaced as a whole
    PATH.backup    the version before
    PATH.journal   the events of the run under way, or of one that was killed
    PATH.lock      who holds it
    PATH.history/  former versions, compressed
    PATH.log/      the change record
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from pathlib import Path

from reconciler.errors import LedgerError
from reconciler.state.file_lock import FileHold, FileLock
from reconciler.state.lock import Clock, LockOwner
from reconciler.state.storage import Snapshot

_ATTEMPTS = 200
_PAUSE = 0.01


class FileStorage:
    """
    Keeps a ledger in a file; see `reconciler.state.storage` for what its methods promise.

    Everything it makes is readable by its owner only. Symbolic links in the place of its files are refused: replacing
    one would not change what it points at.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.path = path
        self.journal = beside(path, ".journal")
        self.backup = beside(path, ".backup")
        self._clock = clock
        self._lock = FileLock(beside(path, ".lock"), clock=clock)
        self._descriptor: int | None = None

    @property
    def name(self) -> str:
        """Return the path."""
        return str(self.path)

    def repair(self, *, journal: bool) -> str:
        """Return how to get back to a readable ledger."""
        source = self.path if journal and self.path.is_file() else self.backup
        then = "Then let `reconciler plan --reassert` send again what cannot be read back."
        if not source.is_file():
            damaged = self.journal if journal else self.path
            return (
                f"Nothing was changed, and no older version is kept. Move {damaged} away: the next plan adopts objects "
                f"by their names. {then}"
            )
        return (
            f"Nothing was changed. `reconciler state push --force {source}` starts again from that version and keeps "
            f"what is damaged under another name. {then}"
        )

    @property
    def has_backup(self) -> bool:
        """Return whether the version before is there."""
        return self.backup.is_file()

    def read(self) -> Snapshot:
        """Return the ledger and its journal."""
        for _ in range(_ATTEMPTS):
            ledger, version = _read(self.path)
            journal, journal_version = _read(self.journal)
            live = self._lock.is_held()
            # A journal belongs to the ledger as long as that stays: so both were read at one moment if it is unchanged.
            # Where nobody holds the lock, the journal must not have grown either, or it is not a left-over.
            if _version(self.path) == version and (live or _version(self.journal) == journal_version):
                return Snapshot(ledger=ledger, journal=journal, version=version, live=live)
            self._clock.sleep(_PAUSE)
        raise LedgerError(f"{self.path} changes faster than it can be read", hint="Try again.")

    def write(self, content: bytes, *, expected: str) -> str:
        """Replace the ledger; its version before becomes the backup."""
        if _version(self.path) != expected:
            raise LedgerError(
                f"{self.path} was changed by someone who did not hold its lock; it was not overwritten",
                hint="What this run recorded is in the journal beside it. Put the ledger that it continues back.",
            )
        fresh = beside(self.path, ".new")
        try:
            make_directory(self.path.parent)
            fresh.unlink(missing_ok=True)
            _write_new(fresh, content)
            self._keep_backup()
            os.replace(fresh, self.path)
            sync_directory(self.path.parent)
        except OSError as error:
            raise _failed("write", self.path, error) from error
        return _version(self.path)

    def append(self, lines: bytes) -> None:
        """Add lines to the journal, which is made when there is none."""
        try:
            if self._descriptor is None:
                make_directory(self.path.parent)
                self._descriptor = os.open(self.journal, _NEW | os.O_APPEND, 0o600)
                sync_directory(self.path.parent)
            _write_all(self._descriptor, lines)
            sync(self._descriptor)
        except OSError as error:
            raise _failed("write", self.journal, error) from error

    def clear(self) -> None:
        """Remove the journal."""
        try:
            self._close()
            if os.path.lexists(self.journal):
                self.journal.unlink()
                sync_directory(self.path.parent)
        except OSError as error:
            raise _failed("remove", self.journal, error) from error

    def set_aside(self) -> tuple[str, ...]:
        """Rename the ledger and the journal to names ending in `.damaged-TIME`."""
        self._close()
        moment = self._clock.now().strftime("%Y%m%dT%H%M%S%f")
        kept: list[str] = []
        try:
            for path in (self.path, self.journal):
                if os.path.lexists(path):
                    aside = beside(path, f".damaged-{moment}")
                    os.rename(path, aside)
                    kept.append(str(aside))
            sync_directory(self.path.parent)
        except OSError as error:
            raise _failed("rename", self.path, error) from error
        return tuple(kept)

    def acquire(self, owner: LockOwner) -> FileHold:
        """Try once to lock."""
        try:
            make_directory(self.path.parent)
            return self._lock.acquire(owner, at_release=self._close)
        except OSError as error:
            raise _failed("lock", self.path, error) from error

    def owner(self) -> LockOwner | None:
        """Return who holds the lock or left it behind."""
        return self._lock.owner()

    def break_lock(self, owner: LockOwner, *, force: bool) -> None:
        """Remove that owner's lock."""
        self._lock.remove(owner, force=force, name=self.name)

    def keep(self, collection: str, name: str, content: bytes) -> None:
        """Write a file beside the ledger, unless it is there."""
        path = self._kept_at(collection, name)
        if path.exists():
            return
        fresh = beside(path, ".new")
        try:
            make_directory(path.parent)
            fresh.unlink(missing_ok=True)
            _write_new(fresh, content)
            os.replace(fresh, path)
            sync_directory(path.parent)
        except OSError as error:
            raise _failed("write", path, error) from error

    def kept(self, collection: str, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
        """Return the contents of files beside the ledger."""
        return tuple(_read(self._kept_at(collection, name))[0] for name in names)

    def names(self, collection: str) -> tuple[str, ...]:
        """Return the files in a folder beside the ledger."""
        folder = beside(self.path, f".{collection}")
        try:
            return tuple(sorted(name for name in os.listdir(folder) if not name.endswith(".new")))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _failed("read", folder, error) from error

    def drop(self, collection: str, names: tuple[str, ...]) -> None:
        """Remove files from a folder beside the ledger."""
        for name in names:
            path = self._kept_at(collection, name)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _failed("remove", path, error) from error

    def _kept_at(self, collection: str, name: str) -> Path:
        return beside(self.path, f".{collection}") / name

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _keep_backup(self) -> None:
        """Give the current file a second name, so that it costs nothing and there is no moment without a ledger."""
        if not self.path.exists():
            return
        link = beside(self.path, ".old")
        link.unlink(missing_ok=True)
        try:
            os.link(self.path, link, follow_symlinks=False)
        except OSError:
            # Some file systems know no second names.
            shutil.copyfile(self.path, link, follow_symlinks=False)
        os.chmod(link, 0o600)
        os.replace(link, self.backup)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def beside(path: Path, suffix: str) -> Path:
    """Return the path with a suffix added to its whole name."""
    return path.with_name(path.name + suffix)


def make_directory(directory: Path) -> None:
    """Make a directory and those above it where they are missing, for their owner only, durably."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        if not directory.is_dir():
            raise
    sync_directory(directory.parent)


def sync(descriptor: int) -> None:
    """Wait until a file's content is on the disk, and not only on its way there."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(descriptor)
    else:
        fcntl.fcntl(descriptor, full)


def sync_directory(directory: Path) -> None:
    """Wait until a directory's names are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, _NEW, 0o600)
    try:
        _write_all(descriptor, content)
        sync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    remaining = memoryview(content)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def _read(path: Path) -> tuple[bytes | None, str]:
    """Return a regular file's content and version; a FIFO or device would make us wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except OSError as error:
        if path.is_symlink():
            raise LedgerError(
                f"{path} is a symbolic link", hint="Give `state` the path of the file itself, or remove the link."
            ) from None
        raise _failed("read", path, error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise LedgerError(f"{path} is not a regular file", hint="Give `state` the path of a file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(), _version_of(status)
    except OSError as error:
        raise _failed("read", path, error) from error
    finally:
        os.close(descriptor)


def _version(path: Path) -> str:
    try:
        return _version_of(os.stat(path, follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _version_of(status: os.stat_result) -> str:
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


def _failed(action: str, path: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"cannot {action} {path}: {error.strerror or error}",
        hint="Check that the disk has room and that this user may read and write there.",
    )
