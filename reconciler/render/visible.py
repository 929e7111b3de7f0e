"""
Text from elsewhere, made harmless for a terminal.

Names come from users and servers: one could hold an escape sequence that repaints the screen, or a bidirectional
override that shows another word than it holds. Whatever has no glyph of its own is shown as its escape.
"""

from __future__ import annotations

import re
import unicodedata

from reconciler.model.values import Plain

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN_ASCII = re.compile(r"[ -~]*")
_AMBIGUOUS = re.compile(r"(?i)\s|.*\s$|[-+.]?\d[\d.e+-]*$|(true|false|null|none)$|\(|['\"]|$")

LONGEST = 160
"""How many characters of a value are shown before the rest is counted."""

CONTEXT = 24
"""How many characters before the first difference of two long values are shown."""


def visible(text: str) -> str:
    """Return the text with everything that is not a visible character as a backslash escape."""
    if _PLAIN_ASCII.fullmatch(text):
        return text
    return "".join(_escape(character) if _hides(character) else character for character in text)


def _hides(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Return how many terminal columns the text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """Return the text filled up with spaces to that many columns."""
    return text + " " * max(0, columns - width(text))


def value_text(value: Plain) -> str:
    """
    Return a value as people read it.

    Text stands as it is unless it could be taken for something else (a number, nothing at all): then in quotes.
    """
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{visible(value)}"' if _AMBIGUOUS.match(value) else visible(value)
    return str(value)


def shortened(value: Plain, other: Plain = None) -> str:
    """
    Return a value as `value_text` does, a long one cut and the rest counted.

    Of two long texts (`other` is the one it is compared with) the part is shown in which they begin to differ.
    """
    if not isinstance(value, str) or len(value) <= LONGEST:
        return value_text(value)
    start = max(0, _first_difference(value, other) - CONTEXT) if isinstance(other, str) else 0
    start = min(start, len(value) - LONGEST)
    rest = len(value) - start - LONGEST
    before = f"({start} characters)…" if start else ""
    after = f"…({rest} characters more)" if rest else ""
    return f'"{before}{visible(value[start : start + LONGEST])}{after}"'


def _first_difference(one: str, other: str) -> int:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return min(len(one), len(other))
