"""The plan's dependency graph as Mermaid (a forge draws it) and DOT (Graphviz draws it): an arrow is done before."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.plan import Action, Plan, Risk, Step
from reconciler.render.visible import visible
from reconciler.render.wording import what_words

_SHAPES = {Action.CREATE: "create", Action.DEACTIVATE: "remove", Action.DISASSOCIATE: "remove"}
_COLOURS = {"create": "#d7f0dd", "remove": "#fbdcdc", "change": "#fdf0cf"}
_RISKY = "#c0392b"


def plan_mermaid(plan: Plan) -> str:
    """Return the graph as a Mermaid flowchart, disruptive steps with a red border."""
    return "\n".join(_mermaid(plan)) + "\n"


def _mermaid(plan: Plan) -> Iterator[str]:
    yield "flowchart LR"
    for name, colour in _COLOURS.items():
        yield f"  classDef {name} fill:{colour},stroke:#666,color:#222"
        yield f"  classDef {name}Risk fill:{colour},stroke:{_RISKY},stroke-width:3px,color:#222"
    for index, step in enumerate(plan.steps):
        yield f'  s{index}["{_entities(what_words(step))}"]:::{_class(step)}'
    for one, two in edges(plan):
        yield f"  s{one} --> s{two}"


def plan_dot(plan: Plan) -> str:
    """Return the graph in Graphviz' language, disruptive steps with a red border."""
    return "\n".join(_dot(plan)) + "\n"


def _dot(plan: Plan) -> Iterator[str]:
    yield "digraph plan {"
    yield '  rankdir=LR; node [shape=box, style="filled,rounded", fontname="sans-serif", color="#666666"];'
    for index, step in enumerate(plan.steps):
        risk = f', color="{_RISKY}", penwidth=3' if step.risk is Risk.DISRUPTIVE else ""
        colour = _COLOURS[_SHAPES.get(step.action, "change")]
        yield f'  s{index} [label="{_quoted(what_words(step))}", fillcolor="{colour}"{risk}];'
    for one, two in edges(plan):
        yield f"  s{one} -> s{two};"
    yield "}"


def edges(plan: Plan) -> list[tuple[int, int]]:
    """Return the dependencies as pairs of positions in the plan: the first is done before the second."""
    position = {step.id: index for index, step in enumerate(plan.steps)}
    return [
        (position[needed], index)
        for index, step in enumerate(plan.steps)
        for needed in step.depends_on
        if needed in position
    ]


def _class(step: Step) -> str:
    return _SHAPES.get(step.action, "change") + ("Risk" if step.risk is Risk.DISRUPTIVE else "")


def _entities(text: str) -> str:
    """Write everything that Mermaid could take for its own as a numbered entity."""
    return "".join(letter if letter.isalnum() or letter in " -_./,()" else f"#{ord(letter)};" for letter in text)


def _quoted(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
