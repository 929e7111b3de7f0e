"""What an export wrote, what it left open, and whether its output plans to nothing but adoption; as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.model.manifest import Export
from reconciler.model.plan import Step
from reconciler.render.visible import visible
from reconciler.render.wording import KIND_ORDER, counted


def export_text(export: Export, *, place: str, written: int, unchanged: int) -> str:
    """Return what was exported: counts first, then what is open, then what was left out and why."""
    lines = [_headline(export, place=place, written=written, unchanged=unchanged)]
    if export.unreadable:
        lines += ["", "What the API can't show is left as comments to fill in:"]
        lines += [f"  {visible(line)}" for line in _open(export.unreadable)]
    if export.omissions:
        lines += ["", "Left out:"]
        lines += [f"  {visible(each.what)}: {visible(each.reason)}" for each in export.omissions]
    return "\n".join(lines) + "\n"


def verification_text(steps: Sequence[Step], differences: Sequence[Step]) -> str:
    """Return what planning the output came to: its steps, and those of them that change something."""
    adopted = len(steps) - len(differences)
    if not differences:
        return f"Verified: read back and planned, with nothing to change and {counted(adopted, 'object')} to adopt.\n"
    lines = [f"Not verified: the output plans {counted(len(differences), 'step')} that would change the target."]
    for step in differences:
        lines.append(f"  {visible(step.id)}: {visible(step.explanation)}")
        lines += [
            f"    {visible(change.field)}: {visible(str(change.before))} -> {visible(str(change.after))}"
            for change in step.changes
        ]
    return "\n".join(lines) + "\n"


def _headline(export: Export, *, place: str, written: int, unchanged: int) -> str:
    counts: dict[str, int] = {}
    for manifest in export.manifests:
        if not manifest.stub:
            counts[manifest.address.kind] = counts.get(manifest.address.kind, 0) + 1
    found = [counted(counts[kind], kind.lower()) for kind in (*KIND_ORDER, "Catalog") if kind in counts]
    files = f"{counted(written, 'file')} written"
    if unchanged:
        files += f", {unchanged} as before"
    return f"Exported to {visible(place)}: {', '.join(found) or 'nothing new'}; {files}."


def _open(unreadable: Mapping[tuple[str, str], int]) -> list[str]:
    """Return a line for each kind and number of objects, with everything that is open for as many."""
    together: dict[tuple[str, int], list[str]] = {}
    for kind, name in sorted(unreadable, key=lambda pair: KIND_ORDER.index(pair[0])):
        together.setdefault((kind, unreadable[kind, name]), []).append(name)
    return [f"{counted(count, kind.lower())}: {', '.join(names)}" for (kind, count), names in together.items()]
