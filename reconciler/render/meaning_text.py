"""What a kind or a field means, for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from reconciler.model.meaning import Meaning
from reconciler.render.style import Style

WIDTH = 100


def meaning_text(meaning: Meaning, *, colour: bool = False) -> str:
    """Return the value, the description, what the API does with it, and a line for each field inside."""
    style = Style(colour)
    lines = [style.paint("title", meaning.path), *_part("value", meaning.value), *_part("meaning", meaning.description)]
    for number, sentence in enumerate(meaning.api):
        lines += _part("API" if number == 0 else "", sentence)
    if meaning.fields:
        lines.append("")
        size = max(len(each.path) for each in meaning.fields)
        for each in meaning.fields:
            head = f"  {each.path:{size}}  "
            lines += _wrapped(f"{_first_sentence(each.description)} [{each.value}]", head)
    return "\n".join(lines) + "\n"


def _part(label: str, text: str) -> Iterator[str]:
    yield from _wrapped(text, f"  {label:8} ")


def _wrapped(text: str, head: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")
