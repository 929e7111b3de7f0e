"""
Play a page: do what it tells its reader to do, and put the real output below each command.

A `yaml` or `csv` block whose first line is `# PATH` is written to that file, one that begins with `# PATH as exported`
is filled with what the file holds by then, and a `console` block runs its `$ reconciler` commands; all of it in one
folder, from the top of the page to its end. What is shown is standard output, and standard error too where a command
failed; what differs from run to run (times, durations) is levelled.

What somebody does in the portal meanwhile stands in a comment: `<!-- portal TARGET: {"teams": {"A": {}}} -->`
changes an object of that target's embedded simulator, or adds one of that name, behind the page's back.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconciler.simulator.service import Service

BLOCK = re.compile(
    r"^```(?P<language>yaml|csv|console)\n(?P<content>.*?)^```$|^<!-- portal (?P<target>\S+): (?P<done>\{.*?\}) -->$",
    re.DOTALL | re.MULTILINE,
)
COLUMNS = "100"
_NAMES = {"campaigns": "CampaignName", "lists": "ListName", "teams": "TeamName", "users": "Login"}
SUCCESS = (0, 2)
"""Exit codes that are no failure: 2 tells of changes or drift."""

_LEVELLED = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-05-05T09:00:00Z"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?)\b"), "0.1 s"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    Where a page is played: its folder, variables beside the usual ones, and what stands for what.

    `stands_for` maps what the page shows (a tenant's address) to what there really is.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)

    def real(self, text: str) -> str:
        """Return what a page says as it has to be written here."""
        for shown, real in self.stands_for.items():
            text = text.replace(shown, real)
        return text

    def shown(self, text: str) -> str:
        """Return what a command printed as a page shows it."""
        for shown, real in self.stands_for.items():
            text = text.replace(real, shown)
        return text.replace(str(self.folder.resolve()), "/home/jane").replace(str(self.folder), "/home/jane")


def play(text: str, stage: Stage) -> str:
    """Return the page with the real output of its commands; files appear in the stage's folder."""

    def perform(block: re.Match[str]) -> str:
        content = block["content"]
        if block["target"]:
            _in_the_portal(block["target"], json.loads(block["done"]), stage)
            return block[0]
        if block["language"] != "console":
            return _file(block[0], content, stage)
        commands = [line.removeprefix("$ ") for line in content.splitlines() if line.startswith("$ ")]
        if not all(command.startswith("reconciler ") for command in commands):
            return block[0]
        shown = "\n".join(f"$ {command}\n{_run(command, stage)}".rstrip("\n") + "\n" for command in commands)
        return f"```console\n{shown}```"

    return BLOCK.sub(perform, text)


def _file(block: str, content: str, stage: Stage) -> str:
    """Write the file that a block names, or show it; return the block as the page has it afterwards."""
    first, _, rest = content.partition("\n")
    named = re.fullmatch(r"# (\S+\.(?:ya?ml|csv))( as exported)?", first)
    if named is None:
        return block
    path = stage.folder / named[1]
    if named[2]:
        return f"```yaml\n{first}\n{path.read_text(encoding='utf-8')}```"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(stage.real(rest), encoding="utf-8")
    return block


def _in_the_portal(target: str, wanted: Mapping[str, Mapping[str, dict[str, Any]]], stage: Stage) -> None:
    """Change a target's simulator by hand."""
    (project,) = stage.folder.rglob("reconciler.yaml")
    with Service(data=project.parent / ".reconciler" / f"{target}.simulator.json").edit() as world:
        for kind, objects in wanted.items():
            for name, given in objects.items():
                values = {
                    field: Decimal(str(each)) if isinstance(each, float) else each for field, each in given.items()
                }
                rows = world.named(kind, name)
                if rows:
                    world.edit(kind, int(str(rows[0]["Id"])), **values)
                else:
                    world.add(kind, **{_NAMES[kind]: name} | values)


def _run(command: str, stage: Stage) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECONCILER_")}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *shlex.split(command)[1:]],
        cwd=stage.folder,
        env={
            **kept,
            **stage.environment,
            "COLUMNS": COLUMNS,
            "NO_COLOR": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    shown = stage.shown(done.stdout if done.returncode in SUCCESS else done.stdout + done.stderr)
    for pattern, level in _LEVELLED:
        shown = pattern.sub(level, shown)
    return "\n".join(line.rstrip() for line in shown.splitlines())
