"""
Markdown from text that users wrote: nothing of it becomes markup, a mention, a reference or a link.

Code forges look for `@name` and `#12` after Markdown was rendered, in the text of the page, so a backslash doesn't
help: an empty HTML comment behind the sign does, since it ends the text there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.render.visible import visible
from reconciler.render.wording import counted

LIMIT = 60_000
"""Characters of a comment; the forge with the tightest limit takes 65,536."""

LONGEST_TEXT = 400
"""Characters of one text from elsewhere, so that a single one can't fill a comment."""

_BREAK = "<!-- -->"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_PUNCTUATION = frozenset("\\`*_{}[]|~#!^=$")
_LEADING = re.compile(r"(\d+)([.)])|([-+:])")
_TRIGGERS = re.compile(r"[@#!~%$&](?=\w)|:(?=//|[\w+-]+:)|(?<=www)\.|(?<=GH)-(?=\d)", re.IGNORECASE)
_UNSAFE_IN_MARKER = re.compile(r"[^A-Za-z0-9._-]+|--+|-$")


def prose(text: str) -> str:
    """Return text as part of a sentence: it shows as it is, and does nothing."""
    shown = clipped(text)
    triggers = {match.start() for match in _TRIGGERS.finditer(shown)}
    lead = _LEADING.match(shown)
    escaped = {lead.start(2) if lead.group(2) else lead.start(3)} if lead else set()
    parts = []
    for index, character in enumerate(shown):
        if character in _ENTITIES:
            parts.append(_ENTITIES[character])
        elif character in _PUNCTUATION or index in escaped:
            parts.append("\\" + character)
        else:
            parts.append(character)
        if index in triggers:
            parts.append(_BREAK)
    return "".join(parts)


def strong(text: str) -> str:
    """Return text as an emphasised part of a sentence; an empty one as nothing."""
    shown = prose(text)
    return f"**{shown}**" if shown else ""


def code(text: str) -> str:
    """Return text as a code span, whatever backticks are in it; an empty one as nothing."""
    shown = clipped(text)
    if not shown:
        return ""
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(lines: Sequence[str], language: str = "") -> str:
    """Return lines as a code block that nothing in them can end."""
    text = "\n".join(lines)
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def details(summary: str, body: str, *, opened: bool = False) -> str:
    """Return a part that is folded away; `summary` and `body` are Markdown, or HTML made by this module."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>\n\n{body}\n\n</details>"


def marker(what: str, target: str) -> str:
    """Return the hidden line by which a comment of this tool about this target is found again."""
    return f"<!-- reconciler:{what}:{_UNSAFE_IN_MARKER.sub('_', target)[:100]} -->"


def clipped(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text made visible and without spaces around it, a long one cut and the rest counted."""
    shown = visible(text).strip()
    if len(shown) <= longest:
        return shown
    return f"{shown[:longest]}… ({len(shown) - longest} characters more)"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of a comment, in versions from the full to the shortest; without lines it is left out."""

    title: str
    versions: tuple[tuple[str, ...], ...]

    def text(self, version: int) -> str:
        """Return that version as Markdown."""
        lines = self.versions[min(version, len(self.versions) - 1)]
        return "\n".join([f"### {self.title}", "", *lines]) + "\n" if lines else ""


def shrinking(title: str, lines: Sequence[str], *, limits: Sequence[int]) -> Section:
    """Return a section with all its lines, and versions that hold no more characters than each limit."""
    return Section(title=title, versions=(tuple(lines), *(tuple(first_of(lines, limit)) for limit in limits)))


def first_of(lines: Sequence[str], limit: int) -> list[str]:
    """Return the lines that fit into so many characters, and how many there are beyond."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 1
        if used > limit:
            break
        kept.append(line)
    rest = len(lines) - len(kept)
    return [*kept, f"- … and {counted(rest, 'more line')}, left out for length"] if rest else kept


def fitted(sections: Sequence[Section], limit: int) -> str:
    """
    Return the sections as Markdown, shortened until they fit.

    They stand in the order of reading; what comes last in importance, by its place from the end, gives way first.
    """
    chosen = [0] * len(sections)
    for index in reversed(range(len(sections))):
        for version in range(len(sections[index].versions)):
            chosen[index] = version
            text = _joined(sections, chosen)
            if len(text) <= limit:
                return text
    return _joined(sections, chosen)


def _joined(sections: Sequence[Section], chosen: Sequence[int]) -> str:
    texts = (section.text(version) for section, version in zip(sections, chosen, strict=True))
    return "\n".join(text for text in texts if text)
