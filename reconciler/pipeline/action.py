"""
The GitHub action: one command of `reconciler`, with what a reviewer and a workflow need of it.

A pull request that nobody answers for (a fork's) gets `validate` and nothing else: no credential is used for what it
proposes. A saved plan is applied only if the plan made now, from what was merged, does the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.pipeline import command
from reconciler.pipeline.command import REASONS, Event, Run
from reconciler.pipeline.forge import Done, keyed, put_comment, put_issue
from reconciler.pipeline.github import GitHub
from reconciler.pipeline.remarks import Remarks
from reconciler.pipeline.wire import ForgeError, Wire
from reconciler.pipeline.workflow import Annotation, InputError, Runner, quoting, say

SAVED = "reconciler.plan"
FROM_PULL_REQUEST = "pull-request"
SUFFIXES = {"json": "json", "text": "txt", "markdown": "md", "html": "html", "junit": "junit.xml", "sarif": "sarif"}

STALE, REFUSED, USAGE = 3, 5, 64
CHANGES = 2

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the action ended: the exit code of the step, and its outputs."""

    code: int
    outputs: Mapping[str, object]


class Action:
    """One step of a workflow, from its inputs to its outputs."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._config = runner.input("config") or "."
        self._target = runner.input("target")
        self._options = runner.lines("options")
        place = (runner.workspace / self._config).resolve()
        if not place.is_relative_to(runner.workspace):
            raise InputError(f"config: {self._config} is outside of the workspace")
        self._root = place.relative_to(runner.workspace).as_posix()
        self._remarks = Remarks(self._root)
        self._name = _UNSAFE.sub("_", "-".join(filter(None, (self._root.strip("."), self._target or "default"))))
        self._folder = Path(runner.environment.get("RUNNER_TEMP") or ".").resolve() / "reconciler" / self._name

    def perform(self) -> int:
        """Do what the inputs ask for and return the step's exit code; outputs and reports are written before."""
        wanted = self._runner.input("command") or "plan"
        commands: dict[str, Callable[[], Result]] = {
            "plan": self._plan,
            "apply": self._apply,
            "drift": self._drift,
            "validate": self._validate,
        }
        if wanted not in commands:
            raise InputError(f"command: {wanted!r} is none of {', '.join(commands)}")
        extra = command.reserved_in([*self._options, *self._runner.lines("apply-options")])
        if extra:
            raise InputError(f"options: {', '.join(extra)} is set by the action itself; use its inputs")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        untrusted = self._runner.untrusted
        if untrusted and wanted != "validate":
            told = f"{untrusted}: only `validate` was run, and `{wanted}` was not; nothing was contacted"
            self._runner.annotate([Annotation(level="notice", title="reconciler", message=told)])
            self._runner.summarise(f"> **Not planned:** {told}.")
        result = self._validate() if untrusted else commands[wanted]()
        self._runner.output(
            {"command": "validate" if untrusted else wanted, "validated-only": bool(untrusted) and wanted != "validate"}
            | {"failure-reason": REASONS.get(result.code, "")}
            | dict(result.outputs)
        )
        return result.code

    def _validate(self) -> Result:
        done = self._call("validate", ["validate"], reports=("markdown", "text", "junit", "sarif"))
        found = done.document
        # What could not be read at all has no report, and says why in its events.
        problems = found["problems"] if found else done.named("problem")
        self._runner.annotate(self._remarks.of_problems(problems))
        if found is None:
            self._explain(done)
        comment = self._publish("validate")
        return Result(
            code=done.code, outputs=self._paths("validate") | comment | {"exit-code": done.code, "changes": False}
        )

    def _plan(self) -> Result:
        saved = self._folder / SAVED
        saved.unlink(missing_ok=True)
        done = self._call(
            "plan",
            ["plan", "--out", str(saved), "--detailed-exitcode", *self._options],
            reports=("markdown", "text", "html"),
        )
        plan = done.document
        outputs: dict[str, object] = {"exit-code": done.code, "changes": done.code == CHANGES}
        remarks = [*self._remarks.of_problems(done.named("problem"))]
        if plan is None:
            self._explain(done)
        else:
            outputs |= counts(plan) | {"changes": plan["summary"]["total"] > 0 or bool(plan.get("releases"))}
            remarks += self._remarks.of_plan(plan)
        self._runner.annotate(remarks)
        if saved.is_file():
            outputs |= {"plan-path": saved, "artifact-path": self._folder, "artifact-name": self._artifact}
        outputs |= self._paths("plan") | self._publish("plan")
        return Result(code=0 if done.code == CHANGES else done.code, outputs=outputs)

    def _apply(self) -> Result:
        given = self._runner.input("plan-file")
        if not given:
            if not self._runner.flag("auto-approve"):
                raise InputError(
                    "apply needs plan-file, the reviewed plan; auto-approve: true applies what is in Git unreviewed"
                )
            return self._carry_out(self._options)
        file = self._reviewed() if given == FROM_PULL_REQUEST else (self._runner.workspace / given).resolve()
        if file is None:
            return self._refuse("no reviewed plan was found for this commit; nothing was sent")
        file = file / SAVED if file.is_dir() else file
        compared = self._call(
            "against",
            ["plan", "--against", str(file), "--detailed-exitcode", *self._options],
            reports=("markdown", "text"),
        )
        if compared.code == 0:
            return self._carry_out([str(file)])
        if compared.code != CHANGES:
            self._explain(compared)
            outputs = self._paths("against") | {"exit-code": compared.code}
            return Result(code=compared.code, outputs=outputs)
        comment = self._publish("against")
        return self._refuse(
            "the plan made now is not the reviewed one; nothing was sent",
            outputs=self._paths("against") | comment,
            code=STALE,
        )

    def _carry_out(self, words: list[str]) -> Result:
        words = ["apply", *words, "--auto-approve", *self._runner.lines("apply-options")]
        done = self._call("apply", words, reports=("markdown", "text", "html"))
        report = done.document
        self._runner.annotate(
            [
                *self._remarks.of_problems(done.named("problem")),
                *self._remarks.of_outcomes(done.named("step-finished")),
            ]
        )
        if report is None:
            self._explain(done)
        outputs: dict[str, object] = {"exit-code": done.code}
        if report is not None:
            outputs |= {name: report["summary"][name] for name in ("done", "failed", "skipped", "unknown")}
            outputs |= {"changes": report["summary"]["done"] > 0}
        outputs |= self._paths("apply") | self._publish("apply")
        return Result(code=done.code, outputs=outputs)

    def _drift(self) -> Result:
        done = self._call("drift", ["drift", *self._options], reports=("markdown", "text", "html", "junit", "sarif"))
        report = done.document
        outputs: dict[str, object] = {"exit-code": done.code, "drift": done.code == CHANGES}
        self._runner.annotate(self._remarks.of_problems(done.named("problem")))
        if report is None:
            self._explain(done)
        else:
            self._runner.annotate(self._remarks.of_drift(report))
            if self._runner.flag("issue"):
                outputs |= self._issue(report)
        outputs |= self._paths("drift") | self._publish("drift")
        calm = done.code == CHANGES and not self._runner.flag("fail-on-drift")
        return Result(code=0 if calm else done.code, outputs=outputs)

    def _issue(self, report: Mapping[str, Any]) -> dict[str, object]:
        title = f"Drift of {report['target']['name']}"
        body = keyed(self._report("drift", "markdown"), self._root)
        return self._ask_forge(
            "issue",
            lambda forge: put_issue(forge, title=title, body=body + self._footer(), wanted=bool(report["drift"])),
            advice="give the job `permissions: issues: write`",
        )

    def _refuse(self, reason: str, *, outputs: Mapping[str, object] | None = None, code: int = REFUSED) -> Result:
        self._runner.annotate([Annotation(level="error", title="reconciler", message=reason)])
        self._runner.summarise(f"> **Refused:** {reason}.")
        return Result(code=code, outputs={"exit-code": code, "changes": False, **(outputs or {})})

    def _reviewed(self) -> Path | None:
        """Fetch the plan that was reviewed with the pull request which this commit came in with."""
        try:
            forge = self._forge()
            merged = forge.merged_with(self._runner.environment.get("GITHUB_SHA", ""))
            content = forge.reviewed_plan(merged["head"]["sha"], self._artifact, SAVED) if merged else None
        except ForgeError as error:
            advice = "give the job `permissions: actions: read, pull-requests: write`"
            raise InputError(f"the reviewed plan could not be fetched: {error}; {advice}") from error
        if content is None:
            return None
        file = self._folder / "reviewed.plan"
        file.write_bytes(content)
        return file

    @property
    def _artifact(self) -> str:
        return f"reconciler-plan-{self._name}"

    def _call(self, name: str, words: list[str], *, reports: Iterable[str]) -> Run:
        """Run a command with its reports, its log, and its result as JSON; what an earlier step left is gone."""
        for suffix in SUFFIXES.values():
            (self._folder / f"{name}.{suffix}").unlink(missing_ok=True)
        place = ["--config", self._config, *(["--target", self._target] if self._target else [])]
        written = [word for form in reports for word in ("--report", f"{form}={self._folder / name}.{SUFFIXES[form]}")]
        say(f"::group::reconciler {words[0]}")
        with quoting():
            done = command.run(
                [*place, *words, "--format", "json", *written],
                environment=self._runner.command_environment,
                folder=str(self._runner.workspace),
                tell=_tell,
            )
            text = self._folder / f"{name}.txt"
            if text.is_file():
                say(text.read_text(encoding="utf-8"))
        say("::endgroup::")
        if done.document is not None:
            (self._folder / f"{name}.json").write_text(done.out, encoding="utf-8")
        return done

    def _explain(self, done: Run) -> None:
        """Say why there is no report: as an annotation, and in the summary."""
        if not done.named("problem"):
            told = [command.words_of(each).removeprefix("error: ") for each in done.named("error")]
            self._runner.annotate(Annotation(level="error", title="reconciler", message=words) for words in told)
        lines = [command.words_of(each) for each in (*done.named("problem"), *done.named("error"))]
        if lines:
            body = "\n".join(lines)
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", body)), default=0))
            self._runner.summarise(f"{fence}text\n{body}\n{fence}")

    def _paths(self, name: str) -> dict[str, object]:
        """Return the reports that were written, as outputs."""
        files = {f"{form}-path": self._folder / f"{name}.{suffix}" for form, suffix in SUFFIXES.items()}
        if name == "plan":
            files |= {"json-plan-path": files["json-path"], "text-plan-path": files["text-path"]}
        return {output: file for output, file in files.items() if file.is_file()}

    def _report(self, name: str, form: str) -> str:
        file = self._folder / f"{name}.{SUFFIXES[form]}"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def _publish(self, name: str) -> dict[str, object]:
        """Put a report into the summary and, where that is wanted and there is a pull request, into its comment."""
        markdown = self._report(name, "markdown")
        if not markdown:
            return {}
        self._runner.summarise(markdown)
        if not self._runner.flag("comment"):
            return {}
        body = keyed(markdown, self._root) + self._footer()
        return self._ask_forge(
            "comment", lambda forge: put_comment(forge, body), advice="give the job `permissions: pull-requests: write`"
        )

    def _ask_forge(self, what: str, ask: Callable[[GitHub], Done], *, advice: str) -> dict[str, object]:
        """Ask for a comment or an issue; that it can't be had is told, and is no reason to fail."""
        try:
            forge = self._forge(commented=what == "comment")
            if what == "comment" and not forge.has_number:
                return {}
            done = ask(forge)
        except ForgeError as error:
            told = f"the {what} could not be written: {error}; {advice}"
            self._runner.annotate([Annotation(level="warning", title="reconciler", message=told)])
            return {}
        say(f"{what}: {done.what} {done.id}".rstrip())
        return {f"{what}-id": done.id, f"{what}-result": done.what}

    def _forge(self, *, commented: bool = False) -> GitHub:
        environment = self._runner.environment
        token = self._runner.input("token")
        if not token:
            raise ForgeError("the action got no token")
        wire = Wire(environment.get("GITHUB_API_URL") or "https://api.github.com", {"Authorization": f"Bearer {token}"})
        repository = environment.get("GITHUB_REPOSITORY", "")
        change = self._runner.pull_request
        if change is None and commented and environment.get("GITHUB_SHA"):
            change = GitHub(wire, repository).merged_with(environment["GITHUB_SHA"])
        return GitHub(wire, repository, int(change["number"]) if change else None)

    def _footer(self) -> str:
        environment = self._runner.environment
        server, run = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_RUN_ID")
        if not server or not run:
            return ""
        head = ((self._runner.pull_request or {}).get("head") or {}).get("sha") or environment.get("GITHUB_SHA", "")
        link = f"{server}/{environment.get('GITHUB_REPOSITORY')}/actions/runs/{run}"
        return f"\n<sub>[The run with all reports]({link}), of commit {str(head)[:12]}.</sub>\n"


def counts(plan: Mapping[str, Any]) -> dict[str, object]:
    """Return a plan's counts as outputs: `to-create`, `to-set-status`, `total`, `disruptive`, `unverifiable`."""
    found: dict[str, object] = {}
    for name, count in plan["summary"].items():
        dashed = re.sub(r"([A-Z])", lambda match: "-" + match[1].lower(), name)
        found[dashed if name in ("total", "unverifiable") else f"to-{dashed}"] = count
    found["disruptive"] = sum(1 for step in plan["steps"] if step["risk"] == "disruptive")
    return found


def _tell(event: Event) -> None:
    words = command.words_of(event)
    if words:
        say(words)


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Run the action in a runner's environment and return the step's exit code."""
    runner = Runner.read(environment)
    try:
        return Action(runner).perform()
    except InputError as error:
        runner.annotate([Annotation(level="error", title="reconciler", message=str(error))])
        runner.summarise(f"> **Error:** {error}")
        runner.output({"exit-code": USAGE, "failure-reason": REASONS[USAGE], "changes": False})
        return USAGE
