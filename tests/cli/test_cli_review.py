"""What a reviewer does with a plan: look at it again, draw it, ask what changed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.ground import Cli, portal, rewrite


@pytest.fixture
def saved(floor: Path, cli: Cli) -> str:
    """Apply the floor, change its drop rate in Git, and save the plan of that as reviewed."""
    assert cli("apply", "-y", "-q").code == 0
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 4")
    assert cli("plan", "--out", "reviewed.plan", "-q").code == 0
    return "reviewed.plan"


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_a_saved_plan_is_shown_as_it_was_planned(form: str, floor: Path, cli: Cli) -> None:
    """Every format of a saved plan is what `plan` would have printed."""
    planned = cli("plan", "--out", "reviewed.plan", "--format", form, "-q")
    shown = cli("show", "reviewed.plan", "--format", form)
    assert shown.code == 0
    assert shown.out == planned.out
    assert shown.err == ""


def test_showing_needs_nothing_but_the_file(saved: str, floor: Path, cli: Cli, tmp_path: Path) -> None:
    """No manifests, no ledger, no target: a saved plan is read anywhere, and written in several formats at once."""
    (tmp_path / "alone").mkdir()
    plan = (floor / saved).rename(tmp_path / "alone" / "a.plan")
    for file in floor.glob("*.yaml"):
        file.unlink()
    report = tmp_path / "plan.md"
    shown = cli("show", plan, "--report", f"markdown={report}")
    assert shown.code == 0
    assert "targetDropPercent  2.5 -> 4" in shown.out
    assert report.read_text(encoding="utf-8").startswith("<!-- reconciler:plan:simulator -->")


@pytest.mark.parametrize("content", ["", "{}", '{"formatVersion": "1.0"}'])
@pytest.mark.parametrize("words", [["show"], ["graph"], ["plan", "--against"]])
def test_what_is_no_plan_is_refused(words: list[str], content: str, floor: Path, cli: Cli) -> None:
    """A file that is no saved plan, or was cut, is an error that says what to do."""
    (floor / "some.json").write_text(content, encoding="utf-8")
    done = cli(*words, "some.json")
    assert done.code == 1
    assert done.out == ""
    assert "what to do: " in done.err


def test_the_graph_of_a_directory_and_of_its_saved_plan_are_one(floor: Path, cli: Cli) -> None:
    """Mermaid by default and DOT on demand; an arrow leads from the team to its user."""
    cli("plan", "--out", "a.plan", "-q")
    drawn = cli("graph", "-q")
    assert drawn.code == 0
    assert drawn.out.startswith("flowchart LR\n")
    assert cli("graph", "a.plan").out == drawn.out
    dot = cli("graph", "a.plan", "--format", "dot").out
    assert dot.startswith("digraph plan {")
    nodes = {line.split('"')[1]: line.split()[0] for line in dot.splitlines() if "label=" in line}
    assert f"{nodes['create Team/north']} -> {nodes['create User/jane.doe']};" in dot


def test_a_graph_is_written_to_files_too(floor: Path, cli: Cli) -> None:
    """--report takes the formats that a graph has, and no other."""
    assert cli("graph", "--report", "dot=plan.dot", "-q").code == 0
    assert (floor / "plan.dot").read_text(encoding="utf-8").startswith("digraph")
    assert cli("graph", "--report", "html=plan.html").code == 64


def test_what_shapes_a_plan_does_not_shape_a_saved_one(saved: str, cli: Cli) -> None:
    """An option that could not take effect is an error."""
    assert cli("graph", saved, "--prune").code == 64


def test_the_same_plan_is_said_in_a_line(saved: str, cli: Cli) -> None:
    """Nothing moved: one line, and 0 even where the plan has changes."""
    done = cli("plan", "--against", saved, "--detailed-exitcode", "-q")
    assert (done.code, done.out.count("\n"), done.err) == (0, 1, "")
    assert "nothing changed" in done.out


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("targetDropPercent: 4", "targetDropPercent: 3", "2.5 -> 3 instead of 2.5 -> 4"),
        ("fetchWeight: 5", "fetchWeight: 6", "new update"),
        ("targetDropPercent: 4", "targetDropPercent: 2.5", "gone update"),
    ],
    ids=["another value", "one more", "one less"],
)
def test_what_changed_is_told_object_by_object(before: str, after: str, words: str, saved: str, cli: Cli) -> None:
    """A step that is new, gone or does another thing now; 2 with --detailed-exitcode; and that the plan is stale."""
    rewrite(Path(), before, after)
    done = cli("plan", "--against", saved)
    assert done.code == 0
    assert words in done.out
    assert "the manifests; it is stale" in done.err
    assert cli("plan", "--against", saved, "--detailed-exitcode").code == 2
    document = cli("plan", "--against", saved, "--format", "json", "-q").json
    assert document["same"] is False
    assert cli("plan", "--against", saved, "--format", "markdown").out.startswith(
        "<!-- reconciler:against:simulator -->"
    )


def test_a_target_that_moved_is_seen_in_the_values(saved: str, floor: Path, cli: Cli) -> None:
    """Somebody changed the campaign after the review: the plan starts from another value."""
    portal(floor, TargetDropPercent=9)
    done = cli("plan", "--against", saved)
    assert "9 -> 4 instead of 2.5 -> 4" in done.out
    assert "the target; it is stale" in done.err


def test_the_plan_made_now_can_be_saved_for_the_next_review(saved: str, floor: Path, cli: Cli) -> None:
    """--out beside --against saves the new plan, which then compares as the same."""
    rewrite(floor, "fetchWeight: 5", "fetchWeight: 6")
    assert cli("plan", "--against", saved, "--out", "next.plan").code == 0
    assert cli("plan", "--against", "next.plan", "--detailed-exitcode").code == 0


def test_another_target_is_no_comparison(saved: str, cli: Cli, tenant: object) -> None:
    """A plan for one target says nothing about another: an error that names both."""
    done = cli("plan", "--against", saved)
    assert done.code == 1
    assert "is for simulator (simulator://), and this one for tenant" in done.err


@pytest.mark.parametrize("words", [["--format", "html"], ["--report", "html=x.html"]])
def test_a_comparison_has_no_page(words: list[str], saved: str, cli: Cli) -> None:
    """A format that a comparison doesn't have is wrong usage, before anything is read."""
    done = cli("plan", "--against", saved, *words)
    assert done.code == 64
    assert "take one of text, json, markdown" in done.err


def test_a_refused_plan_stays_refused(saved: str, floor: Path, cli: Cli) -> None:
    """What stands against the plan made now is said, and 5 wins."""
    rewrite(floor, "spec: {type: Predictive,", "lifecycle: {protect: true}\nspec: {active: false, type: Predictive,")
    done = cli("plan", "--against", saved, "--detailed-exitcode")
    assert done.code == 5, done.out + done.err
    assert "warning: " in done.err
