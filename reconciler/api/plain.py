"""Text from elsewhere made fit for a message: no secrets, no control characters, not too long."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from reconciler.model.secret import Secret

_MASK = "***"
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, format (bidirectional overrides), surrogates, line ends


def plain(text: str, secrets: Iterable[Secret] = (), *, limit: int = 300) -> str:
    """
    Return one line of at most `limit` characters that is safe on a terminal and holds none of the secrets.

    A server that quotes the password it was sent must not get it into a message, so each secret is masked as it is,
    in Base64, url-encoded and escaped.
    """
    text = text[: limit * 20]
    for form in _forms(secrets):
        text = text.replace(form, _MASK)
    text = "".join(" " if unicodedata.category(character) in _UNFIT else character for character in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _forms(secrets: Iterable[Secret]) -> list[str]:
    forms: set[str] = set()
    for secret in secrets:
        clear = secret.reveal()
        coded = base64.b64encode(clear.encode(errors="surrogatepass")).decode("ascii")
        forms |= {clear, coded, coded.rstrip("="), quote(coded, safe="")}
        forms |= {json.dumps(clear)[1:-1], json.dumps(clear, ensure_ascii=False)[1:-1], html.escape(clear)}
        for escaped in (quote(clear, safe="", errors="replace"), quote(clear, errors="replace")):
            # .NET writes its escapes in lower case.
            forms |= {escaped, re.sub("%..", lambda match: match[0].lower(), escaped), escaped.replace("%20", "+")}
    forms.discard("")
    return sorted(forms, key=len, reverse=True)
