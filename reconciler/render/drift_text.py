"""A drift report as text: what counts first, what floor managers did by right apart from it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.assessment import FieldAssessment, Mover, Status
from reconciler.model.drift import DriftItem, DriftReport, conflicts
from reconciler.model.knowledge import Knowledge
from reconciler.model.values import Plain
from reconciler.render.notices import Sample, notice_lines, samples
from reconciler.render.style import Style
from reconciler.render.visible import padded, shortened, visible, width
from reconciler.render.wording import age, counted, knowledge_line

SECTIONS = (
    (Status.DRIFTED, "Drifted", "bad"),
    (Status.MISSING, "Missing", "bad"),
    (Status.BLOCKED, "Blocked", "warn"),
    (Status.CANNOT_TELL, "Cannot tell", "warn"),
    (Status.OPERATIONAL, "Operational (floor managers own it)", "note"),
    (Status.PENDING, "Pending (only Git moved: an apply brings it over)", "note"),
)

_QUIET = frozenset({Status.IN_SYNC, Status.UNMANAGED})

MOVERS = {
    Mover.NOBODY: "nobody moved",
    Mover.GIT: "Git moved",
    Mover.LIVE: "the target moved",
    Mover.BOTH: "Git and the target moved",
    Mover.NOBODY_KNOWS: "nobody knows who moved",
}


def drift_text(report: DriftReport, *, colour: bool = False, now: str = "", everything: bool = False) -> str:
    """
    Return the report as text.

    `now` is what ages are counted from. `everything` lists unmanaged objects and those in sync too, and the coverage.
    """
    style = Style(colour)
    lines = [style.paint("alarm" if report.has_drift else "good", drift_verdict(report))]
    if not everything and all(item.status in _QUIET for item in report.items):
        return "\n".join([*lines, f"Knowledge: {knowledge_line(report.knowledge, now)}"]) + "\n"
    for status, title, role in SECTIONS:
        lines += _section(report.having(status), style.paint(role, title), style, now)
    if everything:
        for status, title in ((Status.IN_SYNC, "In sync"), (Status.UNMANAGED, "Unmanaged (nobody declares it)")):
            lines += _section(report.having(status), title, style, now)
    if report.unverifiable:
        lines += ["", "What can't be verified", *notice_lines(unseen(report), style, sign="?")]
    lines += ["", style.paint("title", drift_closing_line(report)), *unmanaged_line(report, everything)]
    lines.append(f"Knowledge: {knowledge_line(report.knowledge, now)}")
    return "\n".join(lines) + "\n"


def unseen(report: DriftReport) -> tuple[Sample, ...]:
    """Return what nobody can see, about objects that need attention first."""
    attention = {str(item.address) for item in report.items if item.status is not Status.IN_SYNC}
    return samples(report.unverifiable, attention)


def drift_verdict(report: DriftReport) -> str:
    """Return the report in one sentence."""
    drifted = sum(1 for item in report.items if item.counts)
    where = f"{visible(report.target)} ({visible(report.url)})"
    if drifted:
        return f"{where}: drift in {counted(drifted, 'object')}."
    return f"{where}: no drift; {counted(report.count(Status.IN_SYNC), 'object is', 'objects are')} in sync."


def drift_closing_line(report: DriftReport) -> str:
    """Return the line that sums up the report in fixed words."""
    words = ", ".join(
        f"{report.count(status):,} {status.value.replace('-', ' ')}"
        for status in Status
        if status is not Status.UNMANAGED
    )
    return f"Drift: {words}."


def unmanaged_line(report: DriftReport, everything: bool) -> Iterator[str]:
    """Yield the line on live objects that nobody declares, if there are any or everything is wanted."""
    count = report.count(Status.UNMANAGED)
    if not count and not everything:
        return
    kinds = ", ".join(f"{number:,} {visible(kind)}" for kind, number in report.unmanaged.items() if number)
    line = f"Unmanaged: {count:,}" + (f" ({kinds})" if kinds else "")
    if report.coverage is not None:
        line += f"; {report.coverage:g} % of the live objects are managed"
    yield line + "."


def _section(items: tuple[DriftItem, ...], title: str, style: Style, now: str) -> list[str]:
    if not items:
        return []
    return ["", title, *(line for item in items for line in _item(item, style, now))]


def _item(item: DriftItem, style: Style, now: str) -> Iterator[str]:
    found = item.assessment
    title = object_title(item)
    place = f"  {visible(str(found.place))}" if found.place else ""
    conflict = f"  {style.paint('alarm', '[conflict]')}" if item.in_conflict else ""
    yield f"  {style.paint('title', title)}{place}{conflict}"
    if item.status in (Status.IN_SYNC, Status.UNMANAGED):
        return
    moved = [part for part in found.fields if not part.settled]
    if item.status is not Status.PENDING or moved:
        yield f"    {visible(found.reason)}{since_words(item, now)}"
    names = max((width(visible(part.name)) for part in moved), default=0)
    for part in moved:
        yield f"    {padded(visible(part.name), names)}  {field_words(part, now)}"
    settled = settled_words(item, now)
    if settled:
        yield f"    {settled}"


def object_title(item: DriftItem) -> str:
    """Return an object's name in Git, its name in the target where it is another, and its Id."""
    found = item.assessment
    unmanaged = item.status is Status.UNMANAGED
    title = visible(item.address.kind if unmanaged else str(item.address))
    if found.natural_key and (unmanaged or found.natural_key != item.address.name):
        title += f' "{visible(found.natural_key)}"'
    return title + (f" (Id {found.id})" if found.id is not None else "")


def settled_words(item: DriftItem, now: str) -> str:
    """Return how many facts are as asked although they were not read in this run; empty where there are none."""
    settled = [part for part in item.assessment.fields if part.settled]
    if not settled:
        return ""
    marks = ", ".join(
        f"{count:,} {mark}" for mark in Knowledge if (count := sum(1 for part in settled if part.knowledge is mark))
    )
    oldest = min((part.at for part in settled if part.at), default="")
    return f"as asked: {marks}" + (f" (oldest {age(oldest, now)})" if oldest else "")


def since_words(item: DriftItem, now: str) -> str:
    """Return who moved and since when, as the tail of a sentence; empty where the fields say it."""
    if item.mover is Mover.NOBODY or item.status is Status.PENDING:
        return ""
    if any(not part.settled for part in item.assessment.fields):
        return ""
    since = f", since it was last applied ({_ago(item.since, now)})" if item.since else ""
    return f"; {MOVERS[item.mover]}{since}"


def field_words(part: FieldAssessment, now: str = "") -> str:
    """Return a field's three values, who moved it and how it is known."""
    words = f"Git {shortened(part.desired, part.live)}, target {live_words(part)}"
    if part.at:
        words += f", last applied {shortened(part.applied, part.live)} ({_ago(part.at, now)})"
    if conflicts(part):
        words += "; conflict"
    elif part.mover is not Mover.NOBODY:
        words += f"; {MOVERS[part.mover]}"
    return words + ("; operational" if part.operational else "")


def live_words(part: FieldAssessment) -> str:
    """Return a field's live value, or that nobody can see it."""
    if part.knowledge is Knowledge.LIVE:
        return shortened(part.live, part.desired)
    known: Plain = part.live if part.live is not None else part.applied
    if part.knowledge is Knowledge.UNKNOWN or known is None:
        return "unknown"
    return f"{shortened(known, part.desired)} ({part.knowledge})"


def _ago(at: str, now: str) -> str:
    told = age(at, now)
    return told if told == "today" or told.startswith("since") else f"{told} ago"
