"""Notices as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.plan import Notice
from reconciler.render.style import Style
from reconciler.render.visible import visible

MOST_OF_A_RULE = 10
"""How many notices of one rule text shows before it counts the rest; the other formats have them all."""


def notice_lines(notices: Iterable[Notice], style: Style, *, sign: str = "i") -> Iterator[str]:
    """Yield a line per notice, with the object and the place it is about; many of one rule end in a count."""
    gathered: dict[str, list[Notice]] = {}
    for notice in notices:
        gathered.setdefault(notice.rule, []).append(notice)
    for rule, found in gathered.items():
        for notice in found[:MOST_OF_A_RULE]:
            yield f"  {style.paint('note', sign)} {visible(notice.message)}{_about(notice)}"
        if len(found) > MOST_OF_A_RULE:
            yield f"  {style.paint('note', sign)} and {len(found) - MOST_OF_A_RULE:,} more like it ({visible(rule)})"


def _about(notice: Notice) -> str:
    about = " ".join(visible(part) for part in (notice.address, notice.source) if part)
    return f"  ({about})" if about else ""
