"""A token, and the owner-only file that keeps it between runs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reconciler.model.secret import Secret

_LOGGER = logging.getLogger(__name__)
_LARGEST_FILE = 64 * 1024
_LONGEST_LEAD = 30.0  # seconds before its expiry at which a token is not used any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token key and its life, in seconds since 1970."""

    key: Secret
    issued: float
    expires: float

    def is_fresh(self, now: float) -> bool:
        """Tell whether the token can be used for a call that begins now."""
        lead = min(_LONGEST_LEAD, max(0.0, self.expires - self.issued) / 10)
        return now < self.expires - lead


class TokenCache:
    """
    A directory with one file for each (url, login), readable by its owner only.

    The cache is a convenience: what can't be read or written is treated as absent, since logging in again is always
    possible. A file that others could have read or written is not trusted.
    """

    def __init__(self, directory: Path, *, url: str, login: str) -> None:
        name = hashlib.sha256(f"{url}\n{login}".encode()).hexdigest()[:32]
        self._directory = directory
        self._file = directory / f"{name}.json"

    def load(self) -> Token | None:
        """Return the stored token, or None."""
        try:
            text = self._read()
            stored = json.loads(text)
            key, issued, expires = stored["token"], float(stored["issued"]), float(stored["expires"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            _LOGGER.debug("the cached token is not used: %s", type(error).__name__)
            return None
        return Token(key=Secret(key), issued=issued, expires=expires) if is_token_key(key) else None

    def store(self, token: Token) -> None:
        """Keep the token, atomically, in a file of mode 0600 below a directory of mode 0700."""
        content = json.dumps({"token": token.key.reveal(), "issued": token.issued, "expires": token.expires})
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=".token-")  # mkstemp makes it 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(content)
                os.replace(temporary, self._file)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            _LOGGER.debug("the token is not cached: %s", error.strerror)

    def drop(self, refused: Secret) -> None:
        """Forget the token that was refused; one that another process has put there since stays."""
        stored = self.load()
        if stored is not None and stored.key == refused:
            with contextlib.suppress(OSError):
                self._file.unlink()

    def _read(self) -> str:
        descriptor = os.open(self._file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
                raise PermissionError("not an ordinary file")
            if os.name == "posix" and (status.st_mode & 0o077 or status.st_uid != os.geteuid()):
                raise PermissionError("open to others")
            return file.read()


def is_token_key(value: object) -> bool:
    """Tell whether a value can be a token: text that fits into a cookie as it is."""
    if not isinstance(value, str) or not 0 < len(value) <= 8192:
        return False
    return value.isascii() and value.isprintable() and not any(mark in value for mark in ' ;,"\\')
