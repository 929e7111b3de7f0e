"""The plan's dependency graph as a drawing inside a page: what is done first stands left."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.plan import Plan, Risk
from reconciler.render.graph import edges
from reconciler.render.html_page import link, text
from reconciler.render.visible import width
from reconciler.render.wording import SIGNS, counted, what_words

MOST_STEPS = 250
"""More boxes than this are no picture any more."""

_LETTERS = 38
_BOX, _HIGH, _GAP, _ROW = 270, 28, 60, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    left: int
    top: int


def graph_figure(plan: Plan) -> str:
    """Return the graph of all steps that wait for another or are waited for, and a word on the rest."""
    pairs = edges(plan)
    tied = sorted({index for pair in pairs for index in pair})
    free = len(plan.steps) - len(tied)
    if not tied:
        return "<p>No step waits for another.</p>"
    rest = (
        f"{counted(free, 'more step waits', 'more steps wait')} for nothing and nothing waits for them." if free else ""
    )
    if len(tied) > MOST_STEPS:
        return f"<p>{counted(len(tied), 'step')} depend on each other, too many to draw. {rest}</p>"
    spots = _layout(tied, pairs)
    lines = [_edge(spots[one], spots[two]) for one, two in pairs]
    boxes = [_box(plan, index, spots[index]) for index in tied]
    wide = max(spot.left for spot in spots.values()) + _BOX + 10
    high = max(spot.top for spot in spots.values()) + _HIGH + 10
    drawing = "\n".join([*lines, *boxes])
    return (
        f'<div class="graph" tabindex="0" role="region" aria-label="Dependency graph">\n'
        f'<svg width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="group" '
        f'aria-label="Steps from left to right, each after those it depends on">\n{drawing}\n</svg>\n</div>\n'
        f"<p>An arrow leads from a step to one that waits for it. {rest}</p>"
    )


def _layout(tied: list[int], pairs: list[tuple[int, int]]) -> dict[int, _Spot]:
    """Place each step in the column after the last of those it waits for, near their height."""
    needs: dict[int, list[int]] = {index: [] for index in tied}
    for one, two in pairs:
        needs[two].append(one)
    columns: dict[int, int] = {}
    spots: dict[int, _Spot] = {}
    for index in tied:
        columns[index] = 1 + max((columns.get(needed, -1) for needed in needs[index]), default=-1)
    for column in range(max(columns.values()) + 1):
        members = [index for index in tied if columns[index] == column]
        members.sort(key=lambda index: (_height(needs[index], spots), index))
        for row, index in enumerate(members):
            spots[index] = _Spot(left=10 + column * (_BOX + _GAP), top=10 + row * _ROW)
    return spots


def _height(needed: list[int], spots: dict[int, _Spot]) -> float:
    known = [spots[index].top for index in needed if index in spots]
    return sum(known) / len(known) if known else 0.0


def _edge(one: _Spot, two: _Spot) -> str:
    x1, y1, x2, y2 = one.left + _BOX, one.top + _HIGH // 2, two.left, two.top + _HIGH // 2
    bend = (x1 + x2) // 2
    arrow = f"M {x2 - 6} {y2 - 4} L {x2} {y2} L {x2 - 6} {y2 + 4}"
    return f'<path d="M {x1} {y1} C {bend} {y1} {bend} {y2} {x2} {y2} {arrow}"/>'


def _box(plan: Plan, index: int, spot: _Spot) -> str:
    step = plan.steps[index]
    words = f"{SIGNS[step.action]} {what_words(step)}"
    shown = words if width(words) <= _LETTERS else words[: _LETTERS - 1] + "…"
    risk = ' class="disruptive"' if step.risk is Risk.DISRUPTIVE else ""
    return (
        f'<a href="{link(f"step:{step.id}")}"{risk}><title>{text(words)}</title>'
        f'<rect x="{spot.left}" y="{spot.top}" width="{_BOX}" height="{_HIGH}" rx="5"/>'
        f'<text x="{spot.left + 10}" y="{spot.top + 18}">{text(shown)}</text></a>'
    )
