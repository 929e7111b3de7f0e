"""
What a plain (unquoted) YAML scalar means: the YAML 1.2 core rules, on the cautious side.

PyYAML reads YAML 1.1, where `NO` is false, `17:30` is 1050, `0161...` is octal and `+44...` loses its plus. Here a
scalar is a number only in the plain notation for numbers, without a leading zero or plus; everything else stays the
text that was written.
"""

from __future__ import annotations

import re
from decimal import Decimal

from reconciler.model.values import Scalar

MAX_DIGITS = 18
"""Longer runs of digits stay text: no count or Id is that long, but references and card numbers are."""

MAX_REMEMBERED = 20_000
MAX_REMEMBERED_LENGTH = 60

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)?\.[0-9]+\Z|-?(?:0|[1-9][0-9]*)\.?(?:[0-9]+)?[eE][-+]?[0-9]{1,2}\Z")

KEYWORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
"""The only words with a meaning; `True`, `yes`, `on` and `NULL` are text."""


def resolve_plain(text: str) -> Scalar:
    """Return the value of a plain scalar: None, a boolean, an integer, a Decimal or the text itself."""
    if text in KEYWORDS:
        return KEYWORDS[text]
    if len(text) <= MAX_DIGITS + 1:
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return Decimal(text)
    return text


class _PlainValues(dict[str, Scalar]):
    """The values of plain scalars met so far: manifests repeat few words many times."""

    def __missing__(self, text: str) -> Scalar:
        value = resolve_plain(text)
        if len(self) < MAX_REMEMBERED and len(text) <= MAX_REMEMBERED_LENGTH:
            self[text] = value
        return value


PLAIN_VALUES = _PlainValues(KEYWORDS)
"""What `resolve_plain` returns, looked up: the reader's inner loop pays for each scalar."""
