"""
What never gets into a cassette: credentials, and the people of the tenant.

Requests are scrubbed the same way when they are recorded and when they are matched, so a scrubbed cassette still plays.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from vcr.request import Request

from tests.recorded.conversation import NAME

HOST = "https://tenant.invalid"
MASK = "scrubbed"
_SERVICES = "/webservices/services"
_LOGIN_PATH = f"{_SERVICES}/apitoken/login/"
_KEPT_REQUEST_HEADERS = ("accept", "content-type")
_KEPT_RESPONSE_HEADERS = ("content-type", "retry-after", "location")
_SECRET = frozenset({"password", "tokenkey"})
_PERSONAL = frozenset({"firstname", "lastname", "login", "extension"})
_XML_FIELD = re.compile(r"(<(?:\w+:)?(\w+)\b[^<>/]*>)([^<]+)(?=</)")


class Scrubber:
    """Clean what is to be stored; `secrets` are the values that must not be there in any spelling."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: list[bytes] = sorted({form for secret in secrets for form in spellings(secret)}, key=len)[::-1]

    def request(self, request: Request) -> Request:
        """Keep the method, the path below the prefix without the login, two headers, and the body without passwords."""
        path = urlsplit(request.uri).path
        path = path[path.index(_SERVICES) :] if _SERVICES in path else path
        if path.startswith(_LOGIN_PATH):
            path = _LOGIN_PATH + MASK
        headers = {
            name: value for name, value in dict(request.headers).items() if name.lower() in _KEPT_REQUEST_HEADERS
        }
        body = self._body(request.body) if isinstance(request.body, bytes) else request.body
        return Request(request.method, HOST + self._text(path), body, headers)

    def response(self, response: dict[str, object]) -> dict[str, object]:
        """Keep the status, the content type, and the body without token, passwords and people."""
        headers, body = response["headers"], response["body"]
        assert isinstance(headers, dict)
        assert isinstance(body, dict)
        kept = {
            name: [self._text(value) for value in values]
            for name, values in headers.items()
            if name.lower() in _KEPT_RESPONSE_HEADERS
        }
        return {**response, "headers": kept, "body": {"string": self._body(body["string"])}}

    def _body(self, body: bytes) -> bytes:
        try:
            document = json.loads(body)
        except ValueError:
            text = _XML_FIELD.sub(
                lambda match: match[1] + str(_clean_field(match[2], match[3])), body.decode("latin-1")
            )
            return self._replace(text.encode("latin-1"))
        cleaned = _clean(document)
        # What needs no cleaning stays byte for byte, with the digits and spaces that the server chose.
        return self._replace(body if cleaned == document else json.dumps(cleaned, ensure_ascii=False).encode())

    def _text(self, text: str) -> str:
        return self._replace(text.encode()).decode()

    def _replace(self, body: bytes) -> bytes:
        for form in self._forms:
            body = body.replace(form, MASK.encode())
        return body


def spellings(secret: str) -> set[bytes]:
    """Return the forms in which a secret could be written down: plain, Base64, url-encoded, inside JSON."""
    coded = base64.b64encode(secret.encode()).decode()
    texts = {secret, coded, coded.rstrip("="), quote(secret, safe=""), quote(coded, safe=""), json.dumps(secret)[1:-1]}
    return {text.encode() for text in texts if text}


def _clean(value: object) -> object:
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean_field(name, item) for name, item in value.items()}
    return value


def _clean_field(name: str, value: object) -> object:
    # The recording's own users are told by their names; everybody else is nobody's business.
    name = name.casefold()
    if name in _SECRET and value:
        return MASK
    if name in _PERSONAL and value and not str(value).startswith(NAME):
        return MASK
    return _clean(value)
