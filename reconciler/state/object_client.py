"""
The only module that knows obstore: a few calls on objects below a prefix, and what their errors mean.

Credentials come from where each cloud's own tools take them. S3: `AWS_*` variables, a web identity, a container's or an
instance's role; with a profile (`AWS_PROFILE` or the files below `~/.aws`) boto3 is asked, which knows single sign-on
and assumed roles too. Google: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's own login, the metadata server. Azure:
`AZURE_*` variables, a workload or managed identity, `AZURE_USE_AZURE_CLI`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, S3Store

from reconciler.errors import LedgerError

SCHEMES = ("s3", "gs", "az")

_PATIENCE = timedelta(seconds=15)
_CLIENT: dict[str, Any] = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=30)}
_AT_ONCE = 16
_FIRST_LINE = 300
_STORES: Mapping[str, Any] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
_CLOUDS = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object as read: its content, what a conditional write must name, and when the store last took it."""

    content: bytes
    version: Mapping[str, str]
    modified: datetime


class ObjectClient:
    """Objects below `prefix` in a bucket; `name` is its url. Every method raises LedgerError when it cannot be done."""

    def __init__(self, scheme: str, bucket: str, prefix: str) -> None:
        self.name = f"{scheme}://{bucket}/{prefix}"
        self._scheme = scheme
        retries = {"max_retries": 5, "retry_timeout": _PATIENCE}
        options = dict(_CLIENT)
        if os.environ.get(f"{_CLOUDS[scheme]}_ALLOW_HTTP", "").lower() in ("1", "true"):
            options["allow_http"] = True
        more: dict[str, Any] = {"credential_provider": _profile()} if scheme == "s3" and _uses_profile() else {}
        with self._told("use"):
            self._store = _STORES[scheme](bucket, prefix=prefix, client_options=options, retry_config=retries, **more)

    def get(self, name: str) -> Found | None:
        """Return an object, None when there is none."""
        with self._told("read"):
            try:
                answer = obstore.get(self._store, name)
                content = bytes(answer.bytes())
            except FileNotFoundError:
                return None
        meta = answer.meta
        version = {key: str(meta[key]) for key in ("e_tag", "version") if meta.get(key)}
        return Found(content=content, version=version, modified=meta["last_modified"])

    def get_all(self, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
        """Return several objects' contents, several at a time."""
        if len(names) <= 1:
            return tuple(found.content if (found := self.get(name)) else None for name in names)
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return tuple(found.content if found else None for found in pool.map(self.get, names))

    def create(self, name: str, content: bytes) -> Mapping[str, str] | None:
        """Make an object; None when there is one of that name, unless it is this very content."""
        return self._write(name, content, mode="create")

    def replace(self, name: str, content: bytes, *, version: Mapping[str, str]) -> Mapping[str, str] | None:
        """Replace an object that still has that version; None when it has another, unless it is this very content."""
        return self._write(name, content, mode=dict(version))

    def touch(self, name: str) -> datetime:
        """Write a small object, whatever is there, and return the store's own time of doing so."""
        with self._told("write"):
            obstore.put(self._store, name, b"now", use_multipart=False)
            return obstore.head(self._store, name)["last_modified"]

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects in a folder, without it, sorted."""
        with self._told("list"):
            found = [str(meta["path"]) for chunk in obstore.list(self._store, f"{folder}/") for meta in chunk]
        return tuple(sorted(path.partition(f"{folder}/")[2] for path in found))

    def delete(self, names: tuple[str, ...]) -> None:
        """Remove objects; those that are gone already are fine."""
        for name in names:
            with self._told("remove"):
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    def _write(self, name: str, content: bytes, *, mode: Any) -> Mapping[str, str] | None:
        with self._told("write"):
            try:
                made = obstore.put(self._store, name, content, mode=mode, use_multipart=False)
                return {key: str(value) for key, value in made.items() if value}
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                # Sent twice because the first answer was lost, it is refused though the first one took effect.
                found = obstore.get(self._store, name) if _exists(self._store, name) else None
                if found is None or bytes(found.bytes()) != content:
                    return None
                meta = found.meta
                return {key: str(meta[key]) for key in ("e_tag", "version") if meta.get(key)}

    @contextmanager
    def _told(self, action: str) -> Iterator[None]:
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise LedgerError(
                f"this account may not {action} at {self.name}: {_first_line(error)}",
                hint="docs/ledger.md lists what it has to be allowed to do there.",
            ) from error
        except NotSupportedError as error:
            raise LedgerError(
                f"{self.name} has no conditional writes, so it cannot hold a ledger: {_first_line(error)}",
                hint="Use a store that has them.",
            ) from error
        except (BaseError, OSError, ValueError) as error:
            raise LedgerError(
                f"cannot {action} at {self.name}: {_first_line(error)}",
                hint="Check the url, the network and the credentials (docs/ledger.md tells where they come from).",
            ) from error


def _exists(store: Any, name: str) -> bool:
    try:
        obstore.head(store, name)
    except FileNotFoundError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:_FIRST_LINE]


def _uses_profile() -> bool:
    """Return whether only boto3 can find the credentials: they are in a profile, and not in the environment."""
    given = os.environ
    if given.get("AWS_ACCESS_KEY_ID") or given.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return False
    files = (
        given.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        given.get("AWS_CONFIG_FILE", "~/.aws/config"),
    )
    return bool(given.get("AWS_PROFILE")) or any(Path(file).expanduser().is_file() for file in files)


def _profile() -> Any:
    try:
        # Heavy, and only needed for profiles.
        from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415
    except ImportError as error:
        raise LedgerError(
            "the AWS credentials are in a profile, and boto3, which reads profiles, is not installed",
            hint="Install it: pip install 'maxcontact-reconciler[s3]'. Or give AWS_ACCESS_KEY_ID and its fellows.",
        ) from error
    return Boto3CredentialProvider()
