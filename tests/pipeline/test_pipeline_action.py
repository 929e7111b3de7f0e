"""The GitHub action against the simulator and a forge on loopback: review, apply, drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.ground import portal, rewrite
from tests.pipeline.forges import NUMBER, SOMEBODY
from tests.pipeline.runners import CONFIG, HEAD, FakeRunner, merged, pull_request

ARTIFACT = "reconciler-plan-contact-centre-default"


def test_a_plan_is_commented_and_kept(runner: FakeRunner) -> None:
    """A pull request gets its plan as comment, summary, outputs and files; changes are no failure."""
    done = runner.step("plan")
    assert done.code == 0, done.log
    (comment,) = runner.forge.comments
    assert comment["issue"] == NUMBER
    assert comment["body"].startswith("<!-- reconciler:plan:simulator --><!-- in contact-centre -->\n")
    assert "https://github.example/acme/floor/actions/runs/4711" in comment["body"]
    assert HEAD[:12] in comment["body"]
    assert done.summary.startswith("<!-- reconciler:plan:simulator -->\n## ")
    outputs = done.outputs
    assert (outputs["command"], outputs["exit-code"], outputs["changes"]) == ("plan", "2", "true")
    assert (outputs["to-create"], outputs["to-set-status"], outputs["failure-reason"]) == ("4", "0", "")
    assert outputs["comment-id"] == str(comment["id"])
    plan = json.loads(Path(outputs["json-plan-path"]).read_text(encoding="utf-8"))
    assert plan["summary"]["total"] == int(outputs["total"])
    assert {Path(outputs["artifact-path"]) / "reconciler.plan"} == {Path(outputs["plan-path"])}
    assert outputs["artifact-name"] == ARTIFACT
    for name in ("text-plan-path", "markdown-path", "html-path"):
        assert Path(outputs[name]).stat().st_size > 100


def test_a_second_plan_updates_the_comment(runner: FakeRunner) -> None:
    """One comment however often is pushed: updated when the plan is another, left alone when it is the same."""
    runner.step("plan")
    assert runner.step("plan").outputs["comment-result"] == "unchanged"
    rewrite_in(runner, "fetchWeight: 5", "fetchWeight: 6")
    assert runner.step("plan").outputs["comment-result"] == "updated"
    (comment,) = runner.forge.comments
    assert "fetchWeight: 6" in comment["body"]


def test_only_its_own_comment_is_updated(runner: FakeRunner) -> None:
    """Somebody who writes the marker keeps their words; other reports and other directories have their own comment."""
    marker = "<!-- reconciler:plan:simulator --><!-- in contact-centre -->\nmine"
    runner.forge.say(marker, SOMEBODY)
    for number in range(120):
        runner.forge.say(f"chatter {number}", SOMEBODY)
    assert runner.step("plan").outputs["comment-result"] == "created"
    assert runner.forge.comments[0]["body"] == marker
    assert runner.step("plan").outputs["comment-result"] == "unchanged"
    (runner.workspace / CONFIG).rename(runner.workspace / "other")
    assert runner.step("plan", config="other").outputs["comment-result"] == "created"


def test_a_personal_token_knows_its_own_comments(runner: FakeRunner) -> None:
    """With a person's token the comments of that person are its own, and those of bots are not."""
    runner.forge.login = "release-person"
    runner.step("plan")
    runner.forge.comments[0]["user"] = {"login": "release-person", "type": "User"}
    assert runner.step("plan").outputs["comment-result"] == "unchanged"


def test_no_comment_where_none_is_wanted_or_allowed(runner: FakeRunner) -> None:
    """`comment: false` writes none; a token that may not is a warning that says what to do, and no failure."""
    assert runner.step("plan", comment="false").code == 0
    assert runner.forge.requests == []
    runner.forge.forbidden = [("POST", ".*/comments")]
    done = runner.step("plan")
    assert done.code == 0
    assert "pull-requests: write" in "".join(done.annotations)


@pytest.mark.parametrize(
    "event",
    [
        pull_request(fork=True),
        pull_request(author="dependabot[bot]"),
        {"pull_request": {**pull_request()["pull_request"], "head": {"sha": HEAD, "repo": None}}},
    ],
    ids=["fork", "dependabot", "deleted fork"],
)
@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_a_fork_is_only_validated(command: str, event: dict[str, object], runner: FakeRunner) -> None:
    """What nobody answers for is validated offline and nothing else, and the run says so."""
    runner.event = event
    runner.environment = {"RECONCILER_TARGET": "tenant"}
    done = runner.step(command, auto_approve="true")
    assert done.code == 0, done.log
    assert (done.outputs["command"], done.outputs["validated-only"]) == ("validate", "true")
    assert "only `validate` was run" in done.summary
    assert any(line.startswith("::notice") for line in done.annotations)
    assert not (runner.config / ".reconciler").exists()
    assert "plan-path" not in done.outputs


def rewrite_in(runner: FakeRunner, before: str, after: str) -> None:
    """Change the manifests of the checkout."""
    rewrite(runner.config, before, after)


def test_problems_are_annotated_where_they_stand(runner: FakeRunner) -> None:
    """An error in a manifest is an annotation at its file, line and column; plan and validate fail alike."""
    rewrite_in(runner, "fetchWeight: 5", "fetchWeight: 50")
    for command in ("validate", "plan"):
        done = runner.step(command)
        assert done.code == 1
        assert done.outputs["failure-reason"] == "error"
        (line, *_) = done.annotations
        assert line.startswith("::error file=contact-centre/floor.yaml,line=9,col=")
        assert "fetchWeight" in done.summary


def test_a_valid_directory_is_said_to_be_valid(runner: FakeRunner) -> None:
    """`validate` contacts nothing, and its reports are files for other tools."""
    done = runner.step("validate", comment="false")
    assert done.code == 0
    assert done.annotations == []
    assert {"markdown-path", "json-path", "junit-path", "sarif-path"} <= set(done.outputs)
    assert not (runner.config / ".reconciler").exists()


def test_risks_are_annotated_where_they_stand(runner: FakeRunner) -> None:
    """A disruptive step is a warning at the line that asked for it."""
    rewrite_in(runner, "spec: {type: Predictive,", "spec: {active: true, status: Running, type: Predictive,")
    assert runner.step("apply", auto_approve="true").code == 0
    rewrite_in(runner, "status: Running", "status: Not Running")
    done = runner.step("plan")
    assert done.outputs["disruptive"] == "1"
    (line,) = done.annotations
    assert line.startswith(
        "::warning file=contact-centre/floor.yaml,line=1,title=disruptive%3A set-status Campaign/spring::"
    )


def test_a_refused_plan_fails_and_says_why(runner: FakeRunner) -> None:
    """What stands against a plan is an error annotation; the reports are there all the same."""
    assert runner.step("apply", auto_approve="true").code == 0
    rewrite_in(
        runner, "spec: {type: Predictive,", "lifecycle: {protect: true}\nspec: {active: false, type: Predictive,"
    )
    done = runner.step("plan")
    assert done.code == 5, done.log
    assert done.outputs["failure-reason"] == "refused"
    assert done.annotations[0].startswith("::error ")
    assert Path(done.outputs["markdown-path"]).is_file()


def test_the_reviewed_plan_is_applied_after_the_merge(runner: FakeRunner) -> None:
    """The artifact of the merged pull request is fetched, compared and applied; the comment there tells how it went."""
    planned = runner.step("plan")
    runner.forge.keep(ARTIFACT, Path(planned.outputs["plan-path"]).read_bytes(), head=HEAD)
    runner.event, runner.forge.merged = {}, [merged()]
    done = runner.step("apply", plan_file="pull-request")
    assert done.code == 0, done.log
    assert (done.outputs["changes"], done.outputs["failed"]) == ("true", "0")
    assert runner.forge.comments[-1]["body"].startswith("<!-- reconciler:apply:simulator -->")
    stored = [each for each in runner.forge.headers if "Authorization" not in each]
    assert len(stored) == 1
    assert runner.step("plan").outputs["changes"] == "false"


def test_what_was_not_reviewed_is_not_applied(runner: FakeRunner) -> None:
    """Somebody merged more than the plan was made of: refused as stale, with what differs, and nothing is sent."""
    planned = runner.step("plan")
    runner.forge.keep(ARTIFACT, Path(planned.outputs["plan-path"]).read_bytes(), head=HEAD)
    runner.event, runner.forge.merged = {}, [merged()]
    rewrite_in(runner, "fetchWeight: 5", "fetchWeight: 6")
    done = runner.step("apply", plan_file="pull-request")
    assert done.code == 3
    assert done.outputs["failure-reason"] == "stale"
    assert "not the reviewed one" in done.annotations[0]
    assert "instead of" in done.summary
    assert not (runner.config / ".reconciler" / "simulator.json").exists()
    assert runner.forge.comments[-1]["body"].startswith("<!-- reconciler:against:simulator -->")


def test_a_target_that_moved_makes_the_plan_stale(runner: FakeRunner) -> None:
    """A plan file that no longer holds is refused by the check before the first change."""
    assert runner.step("apply", auto_approve="true").code == 0
    rewrite_in(runner, "targetDropPercent: 2.5", "targetDropPercent: 4")
    planned = runner.step("plan")
    portal(runner.config, Description="by hand")
    done = runner.step("apply", plan_file=planned.outputs["plan-path"])
    assert done.code == 3, done.log
    assert done.outputs["failure-reason"] == "stale"
    assert "nothing was sent" in done.summary + "".join(done.annotations)


@pytest.mark.parametrize("trouble", ["none", "of a fork", "of another commit", "expired", "not merged"])
def test_without_a_reviewed_plan_nothing_is_applied(trouble: str, runner: FakeRunner) -> None:
    """A fork's artifact, another commit's or an expired one is none; so is a push past any pull request."""
    planned = runner.step("plan")
    content = Path(planned.outputs["plan-path"]).read_bytes()
    runner.event, runner.forge.merged = {}, [] if trouble == "not merged" else [merged()]
    if trouble != "none":
        head = "c" * 40 if trouble == "of another commit" else HEAD
        runner.forge.keep(ARTIFACT, content, head=head, fork=trouble == "of a fork")
        runner.forge.artifacts[-1]["expired"] = trouble == "expired"
    done = runner.step("apply", plan_file="pull-request")
    assert done.code == 5
    assert done.outputs["failure-reason"] == "refused"
    assert "no reviewed plan was found" in done.summary
    assert not (runner.config / ".reconciler" / "simulator.json").exists()


def test_a_failed_step_is_annotated(runner: FakeRunner) -> None:
    """A step that fails points at its manifest line, in the words of who refused."""
    runner.environment = {"FLOOR_PASSWORD": ""}
    done = runner.step("apply", auto_approve="true")
    assert done.code == 1
    assert "FLOOR_PASSWORD" in "".join(done.annotations)


@pytest.mark.parametrize(
    ("command", "inputs", "words"),
    [
        ("destroy", {}, "none of plan, apply, drift, validate"),
        ("apply", {}, "apply needs plan-file"),
        ("plan", {"comment": "perhaps"}, "comment: 'perhaps' is neither true nor false"),
        ("plan", {"options": "--format=json"}, "--format=json is set by the action itself"),
        ("plan", {"config": "../.."}, "outside of the workspace"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(
    command: str, inputs: dict[str, str], words: str, runner: FakeRunner
) -> None:
    """Wrong usage is 64 and says what is wrong; nothing was run."""
    done = runner.step(command, **inputs)
    assert done.code == 64
    assert words in done.annotations[0]
    assert done.outputs["failure-reason"] == "usage"


def test_options_are_arguments_and_nothing_else(runner: FakeRunner) -> None:
    """One argument a line reaches the command as it stands; no shell ever sees it."""
    done = runner.step("plan", options="--only=List/*\n\n  --parallelism\n  2\n")
    assert done.outputs["to-create"] == "1", done.log
    hostile = runner.step("plan", options="--only=List/$(touch owned)`touch owned`;touch owned")
    assert hostile.code != 0
    assert not (runner.workspace / "owned").exists()


def test_drift_opens_updates_and_closes_an_issue(runner: FakeRunner) -> None:
    """Drift opens one issue, another drift updates it, none closes it with a word, and the next one is a new issue."""
    runner.event = {}
    assert runner.step("apply", auto_approve="true").code == 0
    assert runner.step("drift", issue="true").outputs["issue-result"] == "none"
    portal(runner.config, TargetDropPercent=9)
    done = runner.step("drift", issue="true")
    assert (done.code, done.outputs["drift"], done.outputs["issue-result"]) == (0, "true", "created")
    assert any(line.startswith("::warning file=contact-centre/floor.yaml,line=1") for line in done.annotations)
    (issue,) = runner.forge.issues
    assert issue["title"] == "Drift of simulator"
    assert issue["body"].startswith("<!-- reconciler:drift:simulator --><!-- in contact-centre -->")
    assert runner.step("drift", issue="true").outputs["issue-result"] == "unchanged"
    portal(runner.config, TargetDropPercent=8)
    assert runner.step("drift", issue="true").outputs["issue-result"] == "updated"
    assert "8" in issue["body"]
    portal(runner.config, TargetDropPercent=2.5)
    assert runner.step("drift", issue="true").outputs["issue-result"] == "closed"
    assert issue["state"] == "closed"
    assert runner.forge.comments[-1]["issue"] == issue["number"]
    portal(runner.config, TargetDropPercent=7)
    assert runner.step("drift", issue="true").outputs["issue-result"] == "created"
    assert len(runner.forge.issues) == 2


def test_drift_fails_the_step_where_that_is_wanted(runner: FakeRunner) -> None:
    """`fail-on-drift` passes the exit code on."""
    runner.event = {}
    assert runner.step("apply", auto_approve="true").code == 0
    portal(runner.config, TargetDropPercent=9)
    assert runner.step("drift", fail_on_drift="true").code == 2


def test_names_give_the_runner_no_orders(runner: FakeRunner) -> None:
    """A description that looks like a workflow command is neither obeyed nor an output."""
    order = r'description: "\\n::error::owned\\n::set-output name=changes::owned\\n::add-mask::spring"'
    rewrite_in(runner, 'description: "Grüße → Frühling"', order)
    done = runner.step("plan")
    assert done.code == 0, done.log
    assert not [line for line in done.annotations if "owned" in line]
    assert done.outputs["changes"] == "true"


def test_a_folder_called_reconciler_in_the_checkout_is_not_imported(runner: FakeRunner) -> None:
    """What a pull request proposes is data: a Python package in it never runs."""
    package = runner.workspace / "reconciler"
    package.mkdir()
    for name in ("__init__.py", "__main__.py"):
        (package / name).write_text("import pathlib\npathlib.Path('owned').touch()\n", encoding="utf-8")
    assert runner.step("plan").code == 0
    assert not (runner.workspace / "owned").exists()
