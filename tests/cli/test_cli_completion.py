"""Shell completion: the script is printed, and what it asks the program is answered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.ground import Cli

ROOT = str(Path(__file__).parents[2])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str, cli: Cli) -> None:
    """Each shell gets a script that calls the program back."""
    done = cli("completion", shell)
    assert done.code == 0
    assert f"_RECONCILER_COMPLETE={shell}_complete" in done.out
    assert done.err == ""


def test_an_unknown_shell_is_wrong_usage(cli: Cli) -> None:
    """Only shells that there is a script for."""
    assert cli("completion", "tcsh").code == 64


def completed(line: str, folder: Path) -> list[str]:
    """Return what the program offers for the last word of a line, asked as the script asks."""
    words = line.split(" ")
    asked = {"_RECONCILER_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler"],
        cwd=folder,
        env=os.environ | asked | {"PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [each.partition(",")[2] for each in done.stdout.splitlines() if each]


CASES = {
    "reconciler pl": ["plan"],
    "reconciler state pu": ["pull", "push"],
    "reconciler plan --onl": ["--only"],
    "reconciler plan --only Campaign/": ["Campaign/spring"],
    "reconciler plan --only T": ["Team/north"],
    "reconciler drift --accept U": ["User/jane.doe"],
    "reconciler --target t": ["tenant"],
    "reconciler explain Cam": ["Campaign"],
    "reconciler explain Campaign.targetD": ["Campaign.targetDropPercent"],
    "reconciler completion f": ["fish"],
}


@pytest.mark.parametrize(("line", "words"), CASES.items(), ids=CASES)
def test_words_are_completed(line: str, words: list[str], floor: Path) -> None:
    """Commands, options, documents, targets and fields."""
    assert completed(line, floor) == words


def test_a_directory_named_before_is_looked_into(floor: Path, tmp_path: Path) -> None:
    """--config says where the documents are; a directory without any offers none and complains of nothing."""
    assert completed(f"reconciler --config {floor} plan --only L", tmp_path) == ["List/prospects"]
    (tmp_path / "empty").mkdir()
    assert completed("reconciler plan --only L", tmp_path / "empty") == []
    assert completed("reconciler --target t", tmp_path / "empty") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on this machine")
def test_bash_takes_the_script(floor: Path, cli: Cli) -> None:
    """A real bash, with the script sourced, completes a command."""
    program = floor.parent / "reconciler"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    asking = f"COMP_WORDS=(reconciler va); COMP_CWORD=1; _reconciler_completion {program}; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(
        ["bash", "-c", cli("completion", "bash").out + asking],
        cwd=floor,
        env=os.environ | {"PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["validate"], done.stderr
