"""The repository agrees with itself: commands, versions and words are the same wherever they stand."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler import __version__

ROOT = Path(__file__).parent.parent
TEXTS = {".py", ".md", ".yaml", ".yml", ".json", ".toml", ".html", ""}
FOREIGN_SPELLINGS = re.compile(
    r"\b(dialer|behavior|(?<!\.)normaliz|serializ|recogniz|organiz|authoriz(?!ation)|center\b)",
    re.IGNORECASE,
)


def project() -> dict[str, Any]:
    """Return what pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def own_files() -> list[Path]:
    """Return the text files that belong to the project, whether they are committed yet or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in sorted(filter(None, listed.stdout.split("\0"))))
    return [path for path in paths if path.suffix in TEXTS and path.is_file()]


def make_targets() -> set[str]:
    """Return the targets that the Makefile has."""
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def workflow() -> dict[str, Any]:
    """Return the CI workflow."""
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    return found


def ci_steps() -> list[str]:
    """Return the commands that .ci/run runs."""
    return re.findall(r"^step (.*)$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)


def test_ci_runs_what_the_readme_tells_people_to_run() -> None:
    """CI and people run the same commands: every one of the README that CI can run, and the tests of the wheel."""
    told = re.findall(r"^\$ (make [a-z-]+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"make demo", "make test"} <= set(told)
    assert set(told) | {"make lint", "make test-wheel"} <= set(ci_steps())


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/pull_request_template.md"])
def test_every_make_target_that_is_named_exists(name: str) -> None:
    """Nobody is told to make what the Makefile does not have."""
    named = re.findall(r"\bmake ((?:[a-z-]+ ?)+)[`\n]", (ROOT / name).read_text(encoding="utf-8"))
    assert {target for words in named for target in words.split()} <= make_targets()


def test_the_workflow_runs_the_same_script_on_every_supported_python() -> None:
    """The classifiers, the workflow's matrix and the oldest Python of the tools are one list."""
    classifiers = project()["project"]["classifiers"]
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))
    job = workflow()["jobs"]["check"]
    assert job["strategy"]["matrix"]["python"] == supported
    assert any(step.get("run") == "bash .ci/run" for step in job["steps"])
    assert project()["project"]["requires-python"] == f">={supported[0]}"
    assert project()["tool"]["mypy"]["python_version"] == supported[0]
    assert project()["tool"]["ruff"]["target-version"] == "py" + supported[0].replace(".", "")


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    """It may read the repository, and nothing else."""
    assert workflow()["permissions"] == {"contents": "read"}


def test_the_changelog_knows_this_version() -> None:
    """What is not released yet has its heading, and what is has one too."""
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(headings) == 1 or headings[1] == __version__


def test_the_words_are_british() -> None:
    """One spelling throughout, but where somebody else's name or the wire has another."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in own_files()
        if path.name != Path(__file__).name
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for match in FOREIGN_SPELLINGS.finditer(line)
    ]
    assert not found, "\n".join(found)


def test_nothing_that_a_run_leaves_behind_is_committed() -> None:
    """Ledgers, saved plans and caches stay where they were made."""
    left = [str(path.relative_to(ROOT)) for path in own_files() if {".reconciler", "__pycache__"} & set(path.parts)]
    assert not left
