"""JSON as text: the one way in which this package writes it, so that equal values are equal bytes."""

from __future__ import annotations

import hashlib
import json
import re

_SURROGATES = re.compile("[\ud800-\udfff]")


def json_text(document: object, *, indent: int | None = 2) -> str:
    """
    Return a JSON text that ends in a newline, in the document's own order and in readable characters.

    A half of a surrogate pair (a server can send one, UTF-8 has no place for it) stays an escape. Raises ValueError
    for a number that JSON has no form for.
    """
    text = json.dumps(document, indent=indent, ensure_ascii=False, allow_nan=False)
    return _SURROGATES.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def digest_of(document: object) -> str:
    """Return a digest over the canonical form of a JSON document: its layout and the order of names don't matter."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"
