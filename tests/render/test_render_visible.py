"""Text from elsewhere never commands a terminal, and a value is never mistaken for another."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.drift import read_drift
from reconciler.model.address import Address
from reconciler.model.assessment import Status
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Action, Notice, Objection, Plan, Release, Request, Step
from reconciler.model.problem import Place, Problem
from reconciler.model.validation import ValidationReport
from reconciler.model.values import Plain
from reconciler.render.apply_text import apply_text, dry_run_text
from reconciler.render.drift_text import drift_text
from reconciler.render.text import plan_text
from reconciler.render.validation_text import validation_text
from reconciler.render.visible import LONGEST, padded, shortened, value_text, visible, width
from tests.render.builders import assessment, change, end, field_assessment, plan_of

HOSTILE = st.text(
    st.characters() | st.sampled_from(list("\x1b\x07\r\n\x9b\u202e\u2066\u200b\ufeff|`@#<>&\"'\\$")), max_size=30
)


def hostile_plan(text: str) -> Plan:
    """Return a plan with the text in every place where text from elsewhere can stand."""
    step = Step(
        id=f"list/{text}/create",
        action=Action.UPDATE,
        kind="List",
        name=text,
        object_id=1,
        reason="differs",
        explanation=text,
        source=text,
        risk_reason=text,
        changes=(change(text, text, text), change(text, None, text * 40)),
        requests=(Request(method="PUT", path=f"/{text}", body={text: [text, {text: text}]}),),
        natural_key=text + "x",
    )
    association = replace(
        step,
        id=text,
        kind="Membership",
        action=Action.DISASSOCIATE,
        unverifiable=True,
        relation="campaign-list",
        subject=end("Campaign", text, 2),
        members=(end("List", text, 3), end("List", text, 4)),
    )
    notice = Notice(rule=text, message=text, address=text, source=text)
    found = assessment("List", text, Status.DRIFTED, text, fields=(field_assessment(text, text, text),))
    return replace(
        plan_of(step, association),
        target=text,
        url=text,
        warnings=(notice,),
        unverifiable=(notice,) * 12,
        objections=(Objection(rule=text, message=text, advice=text),),
        releases=(Release(address=Address("List", text), id=3, reason=text),),
        assessments=(found, replace(found, status=Status.UNMANAGED)),
    )


def assert_harmless(rendered: str) -> None:
    """Fail when something other than line ends and visible characters is in the text."""
    hidden = {character for character in rendered if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden <= {"\n"}


@given(text=HOSTILE)
def test_no_text_commands_a_terminal(text: str) -> None:
    """Whatever a name holds, text output holds visible characters and its own line ends only."""
    plan = hostile_plan(text)
    assert_harmless(plan_text(plan))
    assert_harmless(dry_run_text(plan))
    assert_harmless(drift_text(read_drift(plan), everything=True))
    outcome = Outcome(step=text, result=Result.FAILED, detail=text, advice=text, notes=(text,))
    assert_harmless(apply_text(ApplyReport(target=text, outcomes=(outcome,))))
    problem = Problem(rule=text, message=text, place=Place(text, 1, 2), path=text, expected=text, advice=text)
    assert_harmless(validation_text(ValidationReport(problems=(problem,), files=(text,))))


@given(text=HOSTILE)
def test_a_text_never_adds_lines(text: str) -> None:
    """A name with line ends in it can't make up lines of its own in a report."""
    assert plan_text(hostile_plan(text)).count("\n") == plan_text(hostile_plan("plain")).count("\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Æon café 日本", "Æon café 日本"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\u202eb", "a\\u202eb"),
        ("line\nline", "line\\nline"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_hidden_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    """What can't be seen is shown as what it is; every other letter stays."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(none)"),
        (True, "true"),
        (2.5, "2.5"),
        (42, "42"),
        ("", '""'),
        ("42", '"42"'),
        ("01612345670", '"01612345670"'),
        ("+44161", '"+44161"'),
        ("true", '"true"'),
        ("(none)", '"(none)"'),
        (" x", '" x"'),
        ("x ", '"x "'),
        ("2026q2", "2026q2"),
        ("Not Running", "Not Running"),
    ],
)
def test_text_is_not_mistaken_for_another_value(value: Plain, shown: str) -> None:
    """Text that looks like a number, a truth or nothing stands in quotes."""
    assert value_text(value) == shown


def test_long_values_are_cut_where_they_differ() -> None:
    """Of two long texts the part is shown in which they begin to differ, and the rest is counted."""
    before, after = "a" * 1000 + "OLD" + "b" * 1000, "a" * 1000 + "NEW" + "b" * 1000
    assert "OLD" in shortened(before, after)
    assert "NEW" in shortened(after, before)
    assert "(976 characters)…" in shortened(after, before)
    assert len(shortened(after, before)) < LONGEST + 80
    assert shortened("x" * LONGEST) == "x" * LONGEST


def test_columns_count_what_a_terminal_shows() -> None:
    """Wide letters take two columns, combining marks none."""
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert padded("日", 4) == "日  "
