"""What a secret may look like where it turns up."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

_ALIGNED = ((0, 0), (1, 2), (2, 3))
"""How many bytes may stand before a secret in what is encoded, and how many characters of Base64 they spoil."""


def forms(secret: str) -> Iterator[str]:
    """Yield a secret plain, as Base64 at any place of an encoded text, url-encoded, or escaped for JSON or HTML."""
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    for before, spoilt in _ALIGNED:
        data = bytes(before) + secret.encode()
        whole = data[: len(data) // 3 * 3]
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(whole).decode()[spoilt:]
            yield from (coded, quote(coded, safe=""))


def found(secrets: Iterable[str], texts: Mapping[str, str]) -> list[str]:
    """Return where a secret turns up in which form."""
    looked_for = {form for secret in secrets for form in forms(secret)}
    assert all(len(form) >= 8 for form in looked_for), "too short to be told from other text"
    return [f"{where}: {form}" for where, text in texts.items() for form in looked_for if form in text]
