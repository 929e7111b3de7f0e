"""What `drift --accept` wrote into the manifests, for people."""

from __future__ import annotations

from reconciler.model.acceptance import Acceptance, Accepted
from reconciler.render.style import Style
from reconciler.render.visible import shortened, visible
from reconciler.render.wording import counted


def acceptance_text(acceptance: Acceptance, *, colour: bool = False) -> str:
    """Return each accepted value with its place, before and after, and how many there are."""
    style = Style(colour)
    lines = [_line(each, style) for each in acceptance.accepted]
    if not lines:
        return "Nothing to accept: no chosen value has moved in the target.\n" if not acceptance.declined else ""
    files = len({each.place.file for each in acceptance.accepted})
    total = f"{counted(len(lines), 'value')} accepted in {counted(files, 'file')}; review and commit them."
    return "\n".join([*lines, "", style.paint("title", total)]) + "\n"


def _line(each: Accepted, style: Style) -> str:
    change = f"{shortened(each.before, each.after)} -> {shortened(each.after, each.before)}"
    what = style.paint("title", visible(f"{each.address} {each.field}"))
    return f"{what}: {change}  ({visible(str(each.place))})"
