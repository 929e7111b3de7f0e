"""A page needs nothing but itself, and what users wrote is only ever text in it."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from reconciler.drift import read_drift
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Plan
from reconciler.model.problem import Place, Problem
from reconciler.model.validation import ValidationReport
from reconciler.render.html import plan_html
from reconciler.render.html_graph import MOST_STEPS
from reconciler.render.html_reports import apply_html, drift_html, validation_html
from tests.render.builders import NOW, create_list, plan_of
from tests.render.showcase import every_action, every_problem, every_result, refused_plan
from tests.render.test_render_visible import HOSTILE, hostile_plan

VOID = {"meta", "input", "br", "hr"}


class Page(HTMLParser):
    """What a page is made of: its tags, ids, references, words, and whether every tag is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its attributes' names, its id and what it refers to."""
        self.tags[tag, tuple(name for name, _ in attrs)] += 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.references.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags[tag, tuple(name for name, _ in attrs)] += 1

    def handle_endtag(self, tag: str) -> None:
        """Check that tags close in the order in which they were opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)


def every_page() -> dict[str, Callable[[], str]]:
    """Return each page by name."""
    return {
        "plan": lambda: plan_html(every_action(), now=NOW),
        "refused": lambda: plan_html(refused_plan(), now=NOW),
        "nothing to do": lambda: plan_html(plan_of(), now=NOW),
        "drift": lambda: drift_html(read_drift(every_action()), now=NOW),
        "problems": lambda: validation_html(every_problem()),
        "outcomes": lambda: apply_html(every_result(), plan=every_action()),
    }


@pytest.mark.parametrize("make", every_page().values(), ids=every_page())
def test_a_page_is_whole_and_needs_nothing_else(make: Callable[[], str]) -> None:
    """Tags are closed, ids unique, references lead into the page, and nothing is fetched or run from elsewhere."""
    source = make()
    page = Page(source)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    attributes = {name for _, names in page.tags for name in names}
    assert not {name for name in attributes if name in ("src", "srcset", "action", "style") or name.startswith("on")}
    assert all(reference.startswith("#") for reference in page.references)
    assert "://" not in re.sub(r"https://acme.maxcontact.com", "", source)


@pytest.mark.parametrize("make", every_page().values(), ids=every_page())
def test_the_policy_names_the_pages_own_script_and_style(make: Callable[[], str]) -> None:
    """Only the script and the style whose digests the policy holds may run, and these are the page's."""
    source = make()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', source)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    for tag in ("script", "style"):
        inner = re.search(rf"(?s)<{tag}>(.*?)</{tag}>", source)
        assert inner is not None
        assert b64encode(hashlib.sha256(inner[1].encode()).digest()).decode() in policy[1]


def hostile_pages(text: str) -> list[Counter[tuple[str, tuple[str, ...]]]]:
    """Return the tags of every page with the text in every place where text from elsewhere can stand."""
    plan: Plan = hostile_plan(text)
    outcome = Outcome(step=text, result=Result.FAILED, detail=text, advice=text, notes=(text,))
    problem = Problem(rule=text, message=text, place=Place(text, 1, 2), path=text, expected=text, advice=text)
    pages = (
        plan_html(plan),
        drift_html(read_drift(plan)),
        apply_html(ApplyReport(target=text, outcomes=(outcome,)), plan=plan),
        validation_html(ValidationReport(problems=(problem,), files=(text,))),
    )
    return [Page(page).tags for page in pages]


PLAIN_PAGES = hostile_pages("plain")


@settings(deadline=None)
@given(text=HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever objects are called, a page has exactly the tags and attributes that it has for plain names."""
    assert hostile_pages("x" + text) == PLAIN_PAGES


def test_text_is_shown_as_it_is() -> None:
    """A name full of markup is read as that name."""
    step = replace(create_list(), explanation="<script>alert('&amp;')</script>")
    assert "<script>alert('&amp;')</script>" in Page(plan_html(plan_of(step))).words


def test_every_step_and_object_can_be_linked_to() -> None:
    """A reviewer can point at an object or a step: each has an anchor, and the risks lead there."""
    page = Page(plan_html(every_action(), now=NOW))
    for step in every_action().steps:
        assert str(step.address) in page.ids
        assert f"step:{step.id}" in page.ids
    assert "#step%3Auser%2Fjane.doe%2Fupdate" in page.references


def test_the_graph_is_drawn_while_it_is_a_picture() -> None:
    """Steps that wait for each other are drawn; too many of them are counted instead."""
    assert Page(plan_html(every_action(), now=NOW)).tags["rect", ("x", "y", "width", "height", "rx")] == 5
    chain = tuple(
        replace(create_list(), id=f"s{n}", name=f"list-{n}", depends_on=(f"s{n - 1}",) if n else ())
        for n in range(MOST_STEPS + 1)
    )
    assert "251 steps depend on each other, too many to draw." in plan_html(plan_of(*chain))
    assert "No step waits for another." in plan_html(plan_of(create_list()))
