"""What `state assume` took into the ledger, for people."""

from __future__ import annotations

from reconciler.model.attestation import Assumption, Assumptions
from reconciler.model.knowledge import Knowledge
from reconciler.render.style import Style
from reconciler.render.visible import value_text, visible
from reconciler.render.wording import counted


def assumptions_text(assumptions: Assumptions, *, by: str, at: str, colour: bool = False) -> str:
    """Return what was assumed, what is known better and stays, and the way to overrule it."""
    style = Style(colour)
    lines = [f"{counted(len(assumptions.taken), 'fact')} assumed, on the word of {visible(by)}, {visible(at)}."]
    if assumptions.agreeing:
        lines.append(f"{counted(len(assumptions.agreeing), 'fact')} known already, and the same.")
    if assumptions.kept:
        what = counted(len(assumptions.kept), "fact")
        lines.append(style.paint("warn", f"{what} known better, and different; what is known stays:"))
        lines += [f"  {_kept(each)}" for each in assumptions.kept]
        lines.append("--force takes the file's word for them; what the target says of itself counts all the same.")
    return "\n".join(lines) + "\n"


def _kept(each: Assumption) -> str:
    known = "the target says" if each.before.mark is Knowledge.LIVE else f"recorded {visible(each.before.at)} as"
    said, before = value_text(each.attested.value), value_text(each.before.value)
    return f"{visible(str(each.attested.place))} {visible(str(each.attested))}: {said}, {known} {before}"
