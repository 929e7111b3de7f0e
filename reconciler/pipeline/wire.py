"""A forge's REST API over the standard library: JSON in, JSON out, the token to nobody but that host."""

from __future__ import annotations

import ipaddress
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

TIMEOUT = 30.0  # seconds
PAGE = 100
MOST_PAGES = 100


class ForgeError(Exception):
    """A forge refused or could not be reached; the message holds no token. `status` is 0 without an answer."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Wire:
    """Calls below one address, each with the same secret headers."""

    def __init__(self, url: str, secret_headers: Mapping[str, str]) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            raise ForgeError(f"{url} is not https: the token would travel in clear")
        self._url = url.rstrip("/")
        self._secret_headers = dict(secret_headers)

    def call(self, method: str, path: str, body: object = None, *, media: str = "application/json") -> Any:
        """Send a request and return the document of its answer, None where it has none; raises ForgeError."""
        content = self.fetch(method, path, body, media=media)
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise ForgeError(f"{method} {path}: the answer is not JSON") from error

    def fetch(self, method: str, path: str, body: object = None, *, media: str = "application/json") -> bytes:
        """Send a request and return the content of its answer; raises ForgeError."""
        address = path if "://" in path else f"{self._url}/{path.lstrip('/')}"
        if not address.startswith(f"{self._url}/"):
            raise ForgeError(f"{address} is not below {self._url}")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data=data, method=method)
        request.add_header("Accept", "application/json")
        request.add_header("User-Agent", "maxcontact-reconciler")
        if data is not None:
            request.add_header("Content-Type", media)
        for name, value in self._secret_headers.items():
            # Where an answer redirects (an artifact's content lies elsewhere), the token must not follow.
            request.add_unredirected_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                detail = _detail(error.read(4096))
            raise ForgeError(f"{method} {path}: HTTP {error.code}{detail}", status=error.code) from error
        except (OSError, ValueError) as error:
            raise ForgeError(f"{method} {path}: {getattr(error, 'reason', None) or type(error).__name__}") from error

    def pages(self, path: str) -> Iterator[Any]:
        """Yield every entry of a list that comes in pages (`page`, `per_page`, as GitHub and GitLab number them)."""
        mark = "&" if "?" in path else "?"
        for page in range(1, MOST_PAGES + 1):
            entries = self.call("GET", f"{path}{mark}per_page={PAGE}&page={page}")
            yield from entries
            if len(entries) < PAGE:
                return


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _detail(content: bytes) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    message = found.get("message") if isinstance(found, dict) else None
    return f" ({message})" if isinstance(message, str) else ""
