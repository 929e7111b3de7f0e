"""A comment always fits, shows what may hurt, and nothing that a user wrote does anything in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler.drift import read_drift
from reconciler.model.assessment import Status
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Action, Notice, Objection, Plan, Risk, Step
from reconciler.model.problem import Place, Problem
from reconciler.model.validation import ValidationReport
from reconciler.render.markdown import plan_markdown
from reconciler.render.markdown_reports import apply_markdown, drift_markdown, validation_markdown
from reconciler.render.markdown_text import LIMIT, clipped, code, fenced, marker, prose
from tests.render.builders import assessment, disassociate_list, field_assessment, plan_of, switch, update_user
from tests.render.showcase import every_action, refused_plan
from tests.render.test_render_visible import HOSTILE, hostile_plan

FORGE = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(markdown: str) -> str:
    """Return what a forge makes of Markdown, without the empty comments."""
    return str(FORGE.render(markdown)).replace("<!-- -->", "")


@given(text=HOSTILE | st.text())
def test_prose_shows_as_it_is(text: str) -> None:
    """Any text in a sentence comes out as that very text: no markup, no HTML, no link."""
    expected = html.escape(f"x {clipped(text)}".strip(), quote=False).replace('"', "&quot;")
    assert shown(f"x {prose(text)}").replace('"', "&quot;") == f"<p>{expected}</p>\n"


@given(text=HOSTILE | st.text())
def test_prose_at_the_start_of_a_line_is_prose(text: str) -> None:
    """Any text that begins a list item stays one item's text: no list, heading, quote or code of its own."""
    rendered = shown(f"- {prose(text)}\n- end")
    assert rendered.count("<li>") == 2
    assert not re.search(r"<(h\d|blockquote|pre|ol|hr|table|a|img|em|strong|del)\b", rendered)


@given(text=HOSTILE | st.text())
def test_code_shows_as_it_is(text: str) -> None:
    """Any text in a code span comes out as that very text, whatever backticks it holds."""
    expected = html.escape(clipped(text), quote=False).replace('"', "&quot;")
    body = f"<code>{expected}</code>" if clipped(text) else ""
    assert shown(f"x {code(text)} y").replace("&#x27;", "'") == f"<p>x {body} y</p>\n".replace("x  y", "x  y")


@pytest.mark.parametrize(
    "text", ["@all", "see #12", "!7", "%3", "a@b.example", "https://x.example", "www.x.example", "GH-9"]
)
def test_nothing_is_mentioned_or_referred_to(text: str) -> None:
    """No person is called and no issue is linked by the name of an object: the sign and the name are torn apart."""
    assert "<!-- -->" in prose(text)
    assert shown(prose(text)) == f"<p>{text}</p>\n"


@given(lines=st.lists(HOSTILE.map(clipped), min_size=1, max_size=4))
def test_nothing_ends_a_code_block(lines: list[str]) -> None:
    """Lines in a block stay in it."""
    rendered = shown(fenced(lines, "diff") + "\n\nafter")
    assert rendered.count("<pre>") == 1
    assert rendered.endswith("</code></pre>\n<p>after</p>\n")


@given(text=HOSTILE)
def test_a_hostile_plan_makes_no_markup(text: str) -> None:
    """Whatever objects are called, a comment holds only the HTML that this tool puts there."""
    tags = set(
        re.findall(
            r"<[a-z/!][^>]*>", re.sub(r"<(pre|code).*?</\1>", "", shown(plan_markdown(hostile_plan(text))), flags=re.S)
        )
    )
    ours = {"details", "summary", "b", "h2", "h3", "ul", "li", "p", "strong"}
    assert {tag.strip("</>").split()[0] for tag in tags if not tag.startswith("<!-- reconciler:")} <= ours


def many(count: int, step: Step) -> tuple[Step, ...]:
    """Return that many of a step."""
    return tuple(
        replace(step, id=f"{step.id}/{index}", name=f"{step.name}-{index}", source=f"file{index}.yaml:{index}")
        for index in range(count)
    )


HARMLESS = switch(Action.SET_TYPE, "chase", before="Predictive", after="Preview", risk=Risk.NONE)


@pytest.mark.parametrize("count", [1, 40, 300, 5_000])
def test_detail_gives_way_before_risks(count: int) -> None:
    """With thousands of changes the comment fits, names every risk and counts the detail that it leaves out."""
    plan = plan_of(*many(count, HARMLESS), *many(20, update_user()))
    comment = plan_markdown(plan)
    assert len(comment) <= LIMIT
    for index in range(20):
        assert f"update User/jane.doe-{index} `file{index}.yaml" in comment
    in_detail = len(re.findall(r"^! set type", comment, flags=re.M))
    left_out = re.search(r"… and ([\d,]+) more steps? of this kind", comment)
    assert in_detail + (int(left_out[1].replace(",", "")) if left_out else 0) == count


@pytest.mark.parametrize(
    "make",
    [
        lambda count: plan_of(*many(count, update_user())),
        lambda count: plan_of(*(replace(step, risk_reason=step.id) for step in many(count, update_user()))),
        lambda count: plan_of(*many(count, disassociate_list())),
        lambda count: replace(
            refused_plan(), objections=tuple(Objection(rule="r", message="m" * 300, advice="a") for _ in range(count))
        ),
        lambda count: replace(every_action(), warnings=tuple(Notice(rule="r", message="m" * 90) for _ in range(count))),
        lambda count: plan_of(replace(update_user(), name="x" * count * 20, risk_reason="y" * count * 20)),
        lambda count: replace(plan_of(update_user()), target="t" * count * 20, url="u" * count * 20),
    ],
    ids=["one risk", "many risks", "removals", "objections", "notices", "long texts", "long target"],
)
def test_a_comment_always_fits(make: Callable[[int], Plan]) -> None:
    """However much there is of anything, the comment stays below its limit, and every risk is at least counted."""
    plan = make(5_000)
    comment = plan_markdown(plan)
    assert len(comment) <= LIMIT
    assert ("### Risks" in comment) == any(step.risk is Risk.DISRUPTIVE for step in plan.steps)
    if len(plan.steps) == 5_000:
        assert "5,000 steps" in comment


@settings(max_examples=8, deadline=None)
@given(counts=st.tuples(*[st.integers(0, 700)] * 4), length=st.integers(1, 400))
def test_every_mixture_fits(counts: tuple[int, int, int, int], length: int) -> None:
    """Any mixture of risks, removals and detail with names of any length fits."""
    kinds = (update_user(), disassociate_list(), HARMLESS, replace(update_user(), risk_reason="x" * length))
    steps = [step for count, kind in zip(counts, kinds, strict=True) for step in many(count, kind)]
    plan = plan_of(*(replace(step, name=step.name * (1 + length // 40)) for step in steps))
    assert len(plan_markdown(plan)) <= LIMIT


def test_other_reports_fit_too() -> None:
    """Drift, outcomes and problems of thousands of objects stay below the limit, the worst first."""
    part = field_assessment("fetchWeight", 2, 9)
    found = tuple(assessment("List", f"list-{n}", Status.DRIFTED, "moved", fields=(part,)) for n in range(3_000))
    assert len(drift_markdown(read_drift(replace(plan_of(), assessments=found)))) <= LIMIT
    outcomes = tuple(Outcome(step=f"s{n}", result=Result.DONE) for n in range(5_000))
    failed = Outcome(step="bad", result=Result.FAILED, detail="no")
    comment = apply_markdown(ApplyReport(target="t", outcomes=(*outcomes, failed)))
    assert len(comment) <= LIMIT
    assert comment.index("`bad`: no") < comment.index("`s0`")
    problems = tuple(Problem(rule="r", message="m" * 200, place=Place("a.yaml", n)) for n in range(2_000))
    assert len(validation_markdown(ValidationReport(problems=problems))) <= LIMIT


def test_a_comment_is_found_again() -> None:
    """The first line is hidden and the same for the same target; no target's name can end it."""
    assert plan_markdown(every_action()).splitlines()[0] == "<!-- reconciler:plan:production -->"
    assert plan_markdown(plan_of()).splitlines()[0] == "<!-- reconciler:plan:production -->"
    assert marker("plan", "uk-west --> <b>-") == "<!-- reconciler:plan:uk-west___b__ -->"
