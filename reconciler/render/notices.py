"""Notices as lines: many that say the same of different objects must not drown what else a report says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from reconciler.model.plan import Notice
from reconciler.render.style import Style
from reconciler.render.visible import visible

MOST_OF_A_RULE = 3
"""How many notices of one rule are shown before the rest is counted; JSON has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The notices of one rule: the first few, and how many there are beyond."""

    rule: str
    shown: tuple[Notice, ...]
    rest: int

    @property
    def rest_words(self) -> str:
        """Return how many more there are; empty when all are shown."""
        return f"and {self.rest:,} more like it ({visible(self.rule)})" if self.rest else ""


def samples(notices: Iterable[Notice], touched: Collection[str] = ()) -> tuple[Sample, ...]:
    """Gather notices by rule, in the order in which the rules come up, those about `touched` documents first."""
    gathered: dict[str, list[Notice]] = {}
    for notice in notices:
        gathered.setdefault(notice.rule, []).append(notice)
    for found in gathered.values():
        found.sort(key=lambda notice: notice.address not in touched)
    return tuple(
        Sample(rule=rule, shown=tuple(found[:MOST_OF_A_RULE]), rest=max(0, len(found) - MOST_OF_A_RULE))
        for rule, found in gathered.items()
    )


def notice_lines(notices: Iterable[Sample], style: Style, *, sign: str = "i") -> Iterator[str]:
    """Yield a line per notice, with the object and the place it is about, and a line for the rest of each rule."""
    mark = style.paint("note", sign)
    for sample in notices:
        yield from (f"  {mark} {visible(notice.message)}{_about(notice)}" for notice in sample.shown)
        if sample.rest:
            yield f"  {mark} {sample.rest_words}"


def _about(notice: Notice) -> str:
    about = " ".join(visible(part) for part in (notice.address, notice.source) if part)
    return f"  ({about})" if about else ""
