"""A reviewer learns what is not as it was reviewed, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.comparison import Difference, compare_plans
from reconciler.model.knowledge import Knowledge
from reconciler.model.plan import Plan, Request, Risk, Step
from reconciler.render.comparison import comparison_json, comparison_line, comparison_markdown, comparison_text
from reconciler.render.markdown_text import LIMIT
from tests.render.builders import change, create_list, plan_of, update_user
from tests.render.showcase import every_action, every_step
from tests.render.test_render_markdown import many
from tests.render.test_render_visible import HOSTILE, assert_harmless, hostile_plan

SAME = "Against the reviewed plan: nothing changed.\n"


@given(kept=st.sets(st.integers(0, len(every_step()) - 1)))
def test_steps_that_are_not_in_both_are_new_or_gone(kept: set[int]) -> None:
    """Taking steps out of a plan makes exactly these gone, and new the other way round."""
    some = plan_of(*(step for index, step in enumerate(every_step()) if index in kept))
    whole = plan_of(*every_step())
    gone, new = compare_plans(whole, some), compare_plans(some, whole)
    missing = [step.id for index, step in enumerate(every_step()) if index not in kept]
    assert [item.step.id for item in gone.steps] == [item.step.id for item in new.steps] == missing
    assert gone.count(Difference.GONE) == new.count(Difference.NEW) == len(missing)
    assert gone.is_same == new.is_same == (not missing)


@pytest.mark.parametrize(
    "step",
    [
        replace(update_user(), source="users/agents.yaml:99"),
        replace(update_user(), explanation="otherwise", reason="other", risk_reason="other"),
        replace(
            update_user(), changes=tuple(replace(item, knowledge=Knowledge.RECORDED) for item in update_user().changes)
        ),
    ],
    ids=["a line moved", "other words", "other knowledge"],
)
def test_what_changes_no_effect_is_no_difference(step: Step) -> None:
    """A line that moved and other words are as they were reviewed."""
    assert comparison_text(compare_plans(plan_of(update_user()), plan_of(step))) == SAME


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            replace(update_user(), changes=(change("extension", "2041", "2049"), update_user().changes[1])),
            'extension  "2041" -> "2049" instead of "2041" -> "2042"',
        ),
        (replace(update_user(), changes=update_user().changes[1:]), 'extension  no change instead of "2041" -> "2042"'),
        (replace(update_user(), risk=Risk.NONE), "risk  none instead of disruptive"),
        (replace(update_user(), depends_on=("other",)), "it waits for other steps than before"),
        (
            replace(update_user(), requests=(Request(method="PUT", path="/other"),)),
            "it sends something else than before",
        ),
    ],
)
def test_what_would_be_done_otherwise_is_told(step: Step, words: str) -> None:
    """Other values, another risk, another order and another request each say so."""
    comparison = compare_plans(plan_of(update_user()), plan_of(step))
    assert comparison.count(Difference.CHANGED) == 1
    assert words in comparison_text(comparison)
    assert words in comparison_markdown(comparison)
    assert not json.loads(comparison_json(comparison))["same"]


def test_another_target_is_another_plan() -> None:
    """A plan of another target is never what was reviewed, however equal its steps."""
    other = replace(every_action(), url="https://other.example")
    comparison = compare_plans(every_action(), other)
    assert not comparison.is_same
    assert "another target" in comparison_line(comparison)


def test_releases_are_compared() -> None:
    """A record that would be dropped now and was not then is a difference."""
    comparison = compare_plans(replace(every_action(), releases=()), every_action())
    assert "+ new release List/xmas" in comparison_text(comparison)


@given(text=HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Names in a comparison command no terminal."""
    plan: Plan = hostile_plan(text)
    assert_harmless(comparison_text(compare_plans(plan_of(), plan)))
    assert_harmless(comparison_text(compare_plans(plan, plan_of())))


def test_a_comparison_fits_into_a_comment() -> None:
    """Thousands of differences are shortened and counted."""
    comparison = compare_plans(plan_of(*many(3_000, create_list())), plan_of(*many(3_000, update_user())))
    comment = comparison_markdown(comparison)
    assert len(comment) <= LIMIT
    assert "3,000 new, 3,000 gone, 0 changed" in comment
