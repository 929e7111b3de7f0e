"""A plan as one HTML page that needs nothing else: search, filters, anchors, the graph, for screen, print and ear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model.plan import Notice, Plan, Risk, Step
from reconciler.render.html_graph import graph_figure
from reconciler.render.html_page import (
    Facet,
    article,
    filters,
    link,
    page,
    part,
    section,
    table,
    text,
    token,
)
from reconciler.render.notices import Sample
from reconciler.render.people import people_statements
from reconciler.render.review import Concern, Group, Review, concerns, review, verdict
from reconciler.render.visible import shortened
from reconciler.render.wording import (
    RELEASE_SIGN,
    ROLES,
    SIGNS,
    action_words,
    before_words,
    closing_line,
    counted,
    knowledge_line,
    no_changes_line,
    step_words,
    what_words,
)


def plan_html(plan: Plan, *, now: str = "") -> str:
    """Return the plan as a page; `now` is what ages are counted from."""
    found = review(plan)
    has_something = plan.has_changes or bool(plan.objections)
    told = verdict(plan) if has_something else no_changes_line(plan)
    role = "bad" if plan.objections else "warn" if found.risks else "good"
    lead = f'<p class="verdict {role}">{text(told)}</p>\n<p class="dim">{text(plan.url)}</p>'
    footer = f"<p>{text(closing_line(plan))}</p>\n<p>Knowledge: {text(knowledge_line(plan.knowledge, now))}</p>"
    body = "\n".join(part for part in _body(found) if part)
    return page(title=f"Plan for {plan.target}", lead=lead, body=body, footer=footer)


def _body(found: Review) -> Iterator[str]:
    plan = found.plan
    objections = (
        f'<strong class="bad">{text(item.message)}</strong> {text(item.advice)} <code>{text(item.rule)}</code>'
        for item in plan.objections
    )
    yield section("Refused", objections, identifier="refused")
    yield section("Risks", map(_risk, concerns(found.risks, lambda step: step.risk_reason)), identifier="risks")
    yield section("What it means for people", map(text, people_statements(plan)), identifier="people")
    yield section("Removals", _removals(found), identifier="removals")
    unverifiable = [*map(_concern, found.unverifiable), *_notices(found.unseen)]
    yield section("What can't be verified", unverifiable, identifier="unverifiable")
    yield section("Also", _notices(found.warnings), identifier="notices")
    if not plan.steps:
        return
    cards = "\n".join(_card(group) for group in found.groups)
    yield f'<section id="changes">\n<h2>Changes</h2>\n{filters(_facets(found))}\n{cards}\n</section>'
    yield f'<section id="order">\n<h2>Order</h2>\n{graph_figure(plan)}\n</section>'


def _facets(found: Review) -> tuple[Facet, ...]:
    steps = found.plan.steps
    return (
        Facet(name="kind", label="Kind", values=tuple(dict.fromkeys(group.address.kind for group in found.groups))),
        Facet(name="action", label="Action", values=tuple(dict.fromkeys(action_words(step.action) for step in steps))),
        Facet(
            name="risk", label="Risk", values=tuple(dict.fromkeys(risk for step in steps for risk in risks_of(step)))
        ),
    )


def risks_of(step: Step) -> tuple[str, ...]:
    """Return every mark of a step's risk: it can be disruptive and unverifiable at once."""
    marks = [] if step.risk is Risk.NONE else [step.risk.value]
    if step.unverifiable and Risk.UNVERIFIABLE.value not in marks:
        marks.append(Risk.UNVERIFIABLE.value)
    return tuple(marks) or (Risk.NONE.value,)


def _to_step(step: Step) -> str:
    return f'<a href="{link(f"step:{step.id}")}">{text(what_words(step))}</a> <code>{text(step.source)}</code>'


def _risk(concern: Concern) -> str:
    steps = "".join(f"<li>{_to_step(step)}</li>" for step in concern.steps)
    return f"<strong>{text(concern.reason or 'disruptive')}</strong><ul>{steps}</ul>"


def _concern(concern: Concern) -> str:
    steps = "".join(f"<li>{_to_step(step)}</li>" for step in concern.steps)
    summary = f"{counted(len(concern.steps), 'step')}: {text(concern.reason)}"
    return f"<details><summary>{summary}</summary><ul>{steps}</ul></details>"


def _removals(found: Review) -> Iterator[str]:
    for step in found.removals:
        yield f"{_sign(SIGNS[step.action])} {_to_step(step)}: {text(step.explanation)}"
    for release in found.releases:
        identity = f" (Id {release.id})" if release.id is not None else ""
        yield f"{_sign(RELEASE_SIGN)} release {text(release.address)}{identity}: {text(release.reason)}"


def _notices(found: Sequence[Sample]) -> Iterator[str]:
    for sample in found:
        yield from map(_notice, sample.shown)
        if sample.rest:
            yield text(sample.rest_words)


def _notice(notice: Notice) -> str:
    about = " ".join(f"<code>{text(item)}</code>" for item in (notice.address, notice.source) if item)
    return f"{text(notice.message)} {about}".rstrip()


def _card(group: Group) -> str:
    title = str(group.address) + (f' "{group.natural_key}"' if group.natural_key else "")
    title += f" (Id {group.id})" if group.id is not None else ""
    return article(
        name=str(group.address), title=title, parts=(_step(step, group.address.kind) for step in group.steps)
    )


def _step(step: Step, kind: str) -> str:
    risks = risks_of(step)
    tags = " ".join(
        f'<span class="tag {"bad" if risk == Risk.DISRUPTIVE.value else "warn"}">{text(risk)}</span>'
        for risk in risks
        if risk != Risk.NONE.value
    )
    head = f'{_sign(SIGNS[step.action])} <span class="what">{text(step_words(step))}</span> {tags}'
    place = f'<code class="dim">{text(step.source)}</code>'
    rows = [
        (text(change.field), text(before_words(change)), text(shortened(change.after, change.before)))
        for change in step.changes
    ]
    changes = table(f"Changes of {step.id}", ("Field", "Before", "After"), rows)
    inner = f'<div>{head} {place}</div>\n<div class="dim">{text(step.explanation)}</div>\n{changes}'
    data = {
        "kind": token(kind),
        "action": token(action_words(step.action)),
        "risk": " ".join(token(risk) for risk in risks),
    }
    return part(inner, data=data, identifier=f"step:{step.id}")


def _sign(sign: str) -> str:
    return f'<span class="sign {ROLES[sign]}" aria-hidden="true">{text(sign)}</span>'
