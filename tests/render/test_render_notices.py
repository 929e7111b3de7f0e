"""What is said of many objects alike is said a few times and counted."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.plan import Notice
from reconciler.render.html import plan_html
from reconciler.render.markdown import plan_markdown
from reconciler.render.notices import MOST_OF_A_RULE, samples
from reconciler.render.text import plan_text
from tests.render.builders import create_list, plan_of


def notice(number: int, rule: str = "members-unseen") -> Notice:
    """Say something of a list."""
    return Notice(rule=rule, message=f"list-{number} may have members", address=f"List/list-{number}")


def test_the_first_few_are_shown_and_the_rest_is_counted() -> None:
    """Each rule has its own few, in order, and what a plan touches comes first."""
    found = samples([notice(number) for number in range(9)] + [notice(1, "other")], {"List/list-7"})
    assert [(sample.rule, [each.address for each in sample.shown], sample.rest) for sample in found] == [
        ("members-unseen", ["List/list-7", "List/list-0", "List/list-1"], 9 - MOST_OF_A_RULE),
        ("other", ["List/list-1"], 0),
    ]


def test_every_format_counts_the_rest() -> None:
    """Text, comment and page all say how many more there are."""
    plan = replace(plan_of(create_list()), unverifiable=tuple(notice(number) for number in range(9)))
    for render in (plan_text, plan_markdown, plan_html):
        assert "and 6 more like it (members-unseen)" in render(plan)
