"""The pages in a real browser: they open, filter, follow the keyboard, and put no barrier in anybody's way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.drift import read_drift
from reconciler.model.plan import Plan
from reconciler.render.html import plan_html
from reconciler.render.html_reports import apply_html, drift_html, validation_html
from reconciler.render.markdown import plan_markdown
from reconciler.render.markdown_text import LIMIT
from tests.npm import installed, missing
from tests.pages.chromium import Browser, browsing, find
from tests.render.showcase import every_problem, every_result, refused_plan
from tests.review.autumn import NOW, autumn_plan
from tests.review.crowds import crowded_plan

ENTER, TAB = ("Enter", 13), ("Tab", 9)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give one browser to the whole module."""
    program = find()
    if program is None:
        missing("no Chromium is installed")
    with browsing(program) as found:
        yield found


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Plan the change to the example, once."""
    return autumn_plan(tmp_path_factory.mktemp("autumn"))


@pytest.fixture(scope="module")
def axe(pytestconfig: pytest.Config) -> str:
    """Return axe-core's source."""
    folder = installed(Path(__file__).parent / "package.json", pytestconfig)
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


PAGES: dict[str, Callable[[Plan], str]] = {
    "plan": lambda plan: plan_html(plan, now=NOW),
    "refused plan": lambda plan: plan_html(refused_plan(), now=NOW),
    "drift": lambda plan: drift_html(read_drift(plan), now=NOW),
    "apply": lambda plan: apply_html(every_result(), plan=plan),
    "problems": lambda plan: validation_html(every_problem()),
}


def shown(browser: Browser) -> list[str]:
    """Return the headings of the cards that are seen."""
    return list(
        browser.evaluate(
            "[...document.querySelectorAll('article')].filter(each => each.checkVisibility())"
            ".map(each => each.querySelector('h3').textContent)"
        )
    )


def choose(browser: Browser, label: str, value: str) -> None:
    """Choose or type something into the control of that label."""
    browser.evaluate(
        "(([label, value]) => { const found = [...document.querySelectorAll('label')]"
        ".find(each => each.textContent.trim().startsWith(label)).querySelector('input, select');"
        "found.value = value; found.dispatchEvent(new Event('input', {bubbles: true}));"
        f"found.dispatchEvent(new Event('change', {{bubbles: true}})); }})({json.dumps([label, value])})"
    )


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_without_a_barrier(
    scheme: str, name: str, browser: Browser, axe: str, autumn: Plan, tmp_path: Path
) -> None:
    """In light and dark: nothing in the console, nothing for axe-core to object to, nothing wider than a telephone."""
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](autumn), encoding="utf-8")
    browser.troubles.clear()
    browser.prefer(scheme)
    browser.open(file, width=380, height=800)
    assert browser.evaluate("document.documentElement.scrollWidth") <= 380
    browser.open(file)
    assert browser.troubles == []
    assert browser.evaluate("document.querySelector('h1').textContent")
    browser.evaluate(axe + "; undefined")
    found: dict[str, Any] = browser.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    violations = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
    assert violations == []
    assert len(found["passes"]) > 10


def test_the_plan_is_searched_and_filtered(browser: Browser, autumn: Plan, tmp_path: Path) -> None:
    """By text, kind, action and risk, alone and together; what is shown is counted, and all of it comes back."""
    file = tmp_path / "plan.html"
    file.write_text(plan_html(autumn, now=NOW), encoding="utf-8")
    browser.open(file)
    everything = shown(browser)
    assert len(everything) == len({step.address for step in autumn.steps})
    choose(browser, "Search", "engineer-bridge")
    assert [each.partition(" ")[0] for each in shown(browser)] == ["Campaign/engineer-bridge"]
    choose(browser, "Search", "")
    choose(browser, "Kind", "User")
    assert {each.partition("/")[0] for each in shown(browser)} == {"User"}
    choose(browser, "Kind", "")
    choose(browser, "Risk", "disruptive")
    disruptive = {str(step.address) for step in autumn.steps if step.risk == "disruptive"}
    assert {each.partition(" ")[0] for each in shown(browser)} == disruptive
    choose(browser, "Action", "set-type")
    assert [each.partition(" ")[0] for each in shown(browser)] == ["Campaign/complaint-follow-up"]
    assert browser.evaluate("document.querySelector('output').textContent").startswith("Showing 1 of")
    browser.evaluate("document.querySelector('form button').click()")
    assert shown(browser) == everything


def test_an_anchor_leads_to_its_object(browser: Browser, autumn: Plan, tmp_path: Path) -> None:
    """A risk links to the card that it is about, and the link is one that can be sent to somebody."""
    file = tmp_path / "plan.html"
    file.write_text(plan_html(autumn, now=NOW), encoding="utf-8")
    browser.open(file)
    target = browser.evaluate(
        "(() => { const link = [...document.querySelectorAll('main a')]"
        ".find(each => each.textContent.includes('set type')); link.click();"
        "return document.querySelector(':target').closest('article').querySelector('h3').textContent; })()"
    )
    assert target.startswith("Campaign/complaint-follow-up")


def test_the_keyboard_is_enough(browser: Browser, autumn: Plan, tmp_path: Path) -> None:
    """The first Tab offers to skip to the report, the form's controls follow, and each has a name."""
    file = tmp_path / "plan.html"
    file.write_text(plan_html(autumn, now=NOW), encoding="utf-8")
    browser.open(file)
    browser.press(*TAB)
    assert browser.evaluate("document.activeElement.className") == "skip"
    reached = []
    for _ in range(40):
        browser.press(*TAB)
        reached.append(browser.evaluate("document.activeElement.tagName"))
        if "BUTTON" in reached:
            break
    assert {"A", "INPUT", "SELECT", "BUTTON"} <= set(reached)


def test_the_order_is_drawn(browser: Browser, autumn: Plan, tmp_path: Path) -> None:
    """The dependency graph is a picture with a name, and every step that waits is in it."""
    file = tmp_path / "plan.html"
    file.write_text(plan_html(autumn, now=NOW), encoding="utf-8")
    browser.open(file)
    assert browser.evaluate("document.querySelectorAll('#order svg path').length") > 0
    assert browser.evaluate("document.querySelector('#order svg').getBoundingClientRect().height") > 20


def test_a_print_shows_all_of_it(browser: Browser, autumn: Plan, tmp_path: Path) -> None:
    """On paper there is no form, and no card is left out."""
    file = tmp_path / "plan.html"
    file.write_text(plan_html(autumn, now=NOW), encoding="utf-8")
    browser.open(file)
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert not browser.evaluate("document.querySelector('form').checkVisibility()")
        assert len(shown(browser)) == len({step.address for step in autumn.steps})
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")


def test_a_plan_of_5000_changes_is_still_a_page(browser: Browser, tmp_path: Path) -> None:
    """It opens without complaint, counts all of it, and finds one object among them (how fast: the benchmarks)."""
    plan = crowded_plan(tmp_path)
    file = tmp_path / "plan.html"
    file.write_text(plan_html(plan, now=NOW), encoding="utf-8")
    browser.troubles.clear()
    browser.open(file)
    assert browser.troubles == []
    told = "document.querySelector('output').textContent"
    assert browser.evaluate(told) == f"Showing {len(plan.steps)} of {len(plan.steps)}"
    some = plan.steps[4_000].address
    choose(browser, "Search", f"{some}")
    assert any(each.startswith(f"{some} ") or each == str(some) for each in shown(browser))


def test_a_plan_of_5000_changes_is_still_a_comment(tmp_path: Path) -> None:
    """The comment stays under its limit, names its risks' count, and says how much it left out."""
    plan = crowded_plan(tmp_path)
    comment = plan_markdown(plan, now=NOW)
    assert len(comment) <= LIMIT
    assert f"{len(plan.steps):,} steps" in comment
    assert "left out for length" in comment
    assert comment.count("<details>") == comment.count("</details>") == 5
    assert comment.count("```") % 2 == 0
