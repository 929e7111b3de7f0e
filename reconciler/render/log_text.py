"""The change record and the ledger's history, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.model.plain_form import to_plain
from reconciler.model.record import Entry, RunRecord, Segment
from reconciler.render.style import Style
from reconciler.render.visible import value_text, visible

_SHORT = 12


def history_text(runs: Sequence[RunRecord], kept: frozenset[int], *, colour: bool = False) -> str:
    """Return the writes of a ledger, newest first; `kept` are the serials that can be gone back to."""
    if not runs:
        return "nothing has been written to this ledger yet\n"
    style = Style(colour)
    lines: list[str] = []
    for index, run in enumerate(runs):
        state = "now" if index == 0 else "kept" if run.serial in kept else "no longer kept"
        lines.append(style.paint("title", f"serial {run.serial} ({state})  {_who(run)}"))
        lines += [f"    {visible(each)}" for each in run.changed]
    return "\n".join(lines) + "\n"


def history_document(runs: Sequence[RunRecord], kept: frozenset[int]) -> dict[str, Any]:
    """Return what `history_text` shows as a JSON document."""
    return {"formatVersion": "1.0", "writes": [{**to_plain(run), "kept": run.serial in kept} for run in runs]}


def log_text(segments: Sequence[Segment], *, colour: bool = False) -> str:
    """Return the change record, newest write first."""
    if not segments:
        return "the change record has nothing of it\n"
    style = Style(colour)
    lines: list[str] = []
    for segment in segments:
        lines.append(style.paint("title", _who(segment.run)))
        lines += _origin(segment.run)
        for entry in segment.entries:
            lines += _entry(entry)
        lines.append("")
    return "\n".join(lines)


def log_document(segments: Sequence[Segment]) -> dict[str, Any]:
    """Return what `log_text` shows as a JSON document."""
    return {"formatVersion": "1.0", "writes": [to_plain(segment) for segment in segments]}


def _who(run: RunRecord) -> str:
    ended = ", interrupted" if run.interrupted else ""
    actor = f" for {visible(run.provenance.actor)}" if run.provenance.actor else ""
    commit = f", commit {_commit(run.provenance.commit)}" if run.provenance.commit else ""
    return f"{visible(run.at)}  {visible(run.by)}{actor}  `reconciler {visible(run.command)}`{commit}{ended}"


def _commit(commit: str) -> str:
    name, space, rest = commit.partition(" ")
    return visible(f"{name[:_SHORT]}{space}{rest}")


def _origin(run: RunRecord) -> Iterator[str]:
    known = run.provenance
    named = (("commit", known.commit), ("approved", known.approval), ("plan", known.plan))
    yield from (f"    {name}: {visible(value)}" for name, value in named if value)


def _entry(entry: Entry) -> Iterator[str]:
    status = f": {entry.status}" if entry.status else ""
    place = visible(entry.object) + (f" (Id {entry.id})" if entry.id is not None else "")
    others = f" with {visible(', '.join(entry.concerns))}" if entry.concerns else ""
    yield f"  {entry.number}  {visible(entry.at)}  {visible(entry.action)} {place}{others}{status}".rstrip()
    for change in entry.changes:
        yield f"       {visible(change.field)}: {value_text(change.before)} -> {value_text(change.after)}"
    yield from (f"       {visible(request)}" for request in entry.requests)
    if entry.detail:
        yield f"       {visible(entry.detail)}"
