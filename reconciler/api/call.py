"""One request as a value, the JSON body it carries, and the plain answer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus

from reconciler.model.secret import Secret

_PLAIN_EXPONENTS = range(-30, 31)  # outside, a number written out in full would be absurdly long


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One request of the API.

    `path` goes on the wire, below the base url. `shown` is what people see of it (the login is not shown, say).
    `repeatable` says that sending it twice does no more than sending it once. `secrets` are what its body holds.
    """

    method: str
    path: str
    shown: str
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool
    secrets: tuple[Secret, ...] = ()

    @property
    def changes(self) -> bool:
        """Tell whether the call may change the target, so that a lost answer leaves a doubt."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What came back: status, the header fields that matter here, and the whole body.

    `tls` is the version of the protocol, `certificate_until` the end of the server's certificate; empty without TLS.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    location: str = ""
    retry_after: str = ""
    date: str = ""
    tls: str = ""
    certificate_until: str = ""

    @property
    def status_text(self) -> str:
        """Return the status with its standard phrase: the server's own phrase is not to be trusted in a message."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)


def make_call(method: str, path: str, body: Mapping[str, object] | None, *, repeatable: bool) -> Call:
    """
    Build the request of a management method.

    Raises ValueError for a path that is not one, and TypeError for a body that is no JSON: both are bugs of the caller.
    """
    if not path.startswith("/") or ".." in path or any(mark in path for mark in "?#%\\ ") or not path.isprintable():
        raise ValueError(f"not a path of the API: {path!r}")
    return Call(
        method=method,
        path=path,
        shown=path,
        body=None if body is None else encode(body).encode("ascii"),
        repeatable=repeatable,
        secrets=() if body is None else tuple(_secrets_of(body)),
    )


def _secrets_of(body: Mapping[str, object]) -> list[Secret]:
    found: list[Secret] = []
    for name, value in body.items():
        if isinstance(value, Secret):
            found.append(value)
        elif name.casefold() == "password" and isinstance(value, str):
            found.append(Secret(value))
    return found


def encode(value: object) -> str:
    """
    Return JSON in ASCII; a Decimal becomes a number without passing through binary floating point.

    The standard encoder can't write a Decimal as a number, hence this one. A Secret is revealed: this is where it
    enters a request. Raises TypeError for what JSON can't say.
    """
    match value:
        case None | bool() | int() | str():
            return json.dumps(value)
        case Secret():
            return json.dumps(value.reveal())
        case Decimal() if value.is_finite():
            return f"{value:f}" if value.adjusted() in _PLAIN_EXPONENTS else str(value)
        case float():
            return json.dumps(value, allow_nan=False)
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(name)}: {encode(item)}" for name, item in value.items()) + "}"
        case Sequence() if not isinstance(value, (bytes, bytearray)):
            return "[" + ", ".join(map(encode, value)) + "]"
        case _:
            raise TypeError(f"no JSON for a value of type {type(value).__name__}")
