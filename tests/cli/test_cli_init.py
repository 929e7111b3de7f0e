"""`reconciler init`: a directory that works as it is, and never at the cost of what was there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reconciler.cli.starter import starter_files
from tests.cli.ground import Cli


def test_the_starter_validates_plans_and_applies_as_it_is(cli: Cli, tmp_path: Path) -> None:
    """From nothing to a contact centre in step with Git, without a single warning or variable."""
    place = tmp_path / "acme"
    made = cli("init", place)
    assert made.code == 0
    checked = cli("validate", place)
    assert (checked.code, checked.err) == (0, "")
    assert cli("plan", place, "--detailed-exitcode").code == 2
    assert cli("apply", place, "--auto-approve").code == 0
    assert cli("plan", place, "--detailed-exitcode").code == 0
    assert cli("doctor", place).code == 0


def test_it_holds_an_example_of_each_kind_a_workflow_and_a_gitignore(cli: Cli, tmp_path: Path) -> None:
    """Nobody has to look up what a document of some kind looks like."""
    cli("init", tmp_path)
    texts = {path.relative_to(tmp_path).as_posix(): path.read_text("utf-8") for path in tmp_path.rglob("*.y*ml")}
    workflow = yaml.safe_load(texts.pop(".github/workflows/reconcile.yml"))
    assert {"run": "reconciler validate"} in workflow["jobs"]["check"]["steps"]
    kinds = {document["kind"] for text in texts.values() for document in yaml.safe_load_all(text)}
    assert kinds == {"Project", "Campaign", "List", "Team", "User", "Membership", "Catalog"}
    assert ".reconciler/" in (tmp_path / ".gitignore").read_text("utf-8").splitlines()
    assert "# production:" in texts["reconciler.yaml"]


def test_the_current_directory_is_the_default(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with every other command."""
    monkeypatch.chdir(tmp_path)
    assert cli("init").code == 0
    assert (tmp_path / "reconciler.yaml").is_file()


def test_a_second_time_it_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    """What is there as it would be written is left alone, and what is missing is added."""
    cli("init", tmp_path)
    (tmp_path / "lists" / "new-customers.yaml").unlink()
    again = cli("init", tmp_path)
    assert again.code == 0
    assert again.out.split() == ["wrote", str(tmp_path / "lists" / "new-customers.yaml")]
    assert "nothing was written" in cli("init", tmp_path).out


@pytest.mark.parametrize("name", ["reconciler.yaml", "reconciler.yml", "teams/onboarding.yaml", ".gitignore", "teams"])
def test_a_file_in_the_way_stops_it_before_it_begins(name: str, cli: Cli, tmp_path: Path) -> None:
    """Nothing is overwritten, and no half of a starter directory is left behind."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    refused = cli("init", tmp_path)
    assert refused.code == 1
    assert "nothing was written" in refused.err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(name).name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine\n"


def test_beside_other_files_it_is_welcome(cli: Cli, tmp_path: Path) -> None:
    """A README or a Git repository is no obstacle."""
    (tmp_path / "README.md").write_text("# Acme\n", encoding="utf-8")
    assert cli("init", tmp_path).code == 0
    assert len(list(tmp_path.rglob("*.*"))) >= len(starter_files())
