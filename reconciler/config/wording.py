"""How values, types and suggestions read in a sentence about a manifest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from reconciler.config.positions import PathPart

LONGEST_SHOWN = 60

TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
    "null": "nothing",
}


def show(value: Any) -> str:
    """Return a value as a short piece of a sentence; never used for anything near a password."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, str):
        return f'"{printable(value)}"'
    return "a list" if isinstance(value, list) else "a mapping"


def printable(text: str) -> str:
    """Return text that cannot disturb a terminal: shortened, with everything unprintable escaped."""
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def spell_path(path: tuple[PathPart, ...]) -> str:
    """Return a path as people write it: `spec.users[0].proficiency`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{printable(part)}" if text else printable(part)
    return text


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or an empty string; case does not matter."""
    by_folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[found[0]] if found else ""


def join_words(words: Iterable[str], conjunction: str) -> str:
    """Return `a, b or c`."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {conjunction} {listed[-1]}"


def expected_type(schema: dict[str, Any]) -> str:
    """Return what a schema asks for: its title if it has one, else its type and range."""
    if "title" in schema and "properties" not in schema:
        return str(schema["title"])
    types = schema.get("type", "")
    words = join_words((TYPE_WORDS[each] for each in ([types] if isinstance(types, str) else types) if each), "or")
    return words + expected_range(schema)


def expected_range(schema: dict[str, Any]) -> str:
    """Return ` from 0 to 100`, ` of 1 or more`, or nothing."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f", {low} or more"
    return f", at most {high}" if high is not None else ""
