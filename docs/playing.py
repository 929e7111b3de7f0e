"""
Play a page: do what it tells its reader to do, and put the real output below each command.

A `yaml` block whose first line is `# PATH` is written to that file, a `console` block runs its `$ reconciler` commands;
all of it in one folder, from the top of the page to its end. What is shown is standard output, and standard error too
where a command failed; what differs from run to run (times, durations) is levelled.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(?P<language>yaml|console)\n(?P<content>.*?)^```$", re.DOTALL | re.MULTILINE)
COLUMNS = "100"
SUCCESS = (0, 2)
"""Exit codes that are no failure: 2 tells of changes or drift."""

_LEVELLED = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-05-05T09:00:00Z"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?)\b"), "0.1 s"),
)


def play(text: str, folder: Path) -> str:
    """Return the page with the real output of its commands; files appear in `folder`."""

    def perform(block: re.Match[str]) -> str:
        content = block["content"]
        if block["language"] == "yaml":
            _write(content, folder)
            return block[0]
        commands = [line.removeprefix("$ ") for line in content.splitlines() if line.startswith("$ ")]
        if not all(command.startswith("reconciler ") for command in commands):
            return block[0]
        shown = "\n".join(f"$ {command}\n{_run(command, folder)}".rstrip("\n") + "\n" for command in commands)
        return f"```console\n{shown}```"

    return BLOCK.sub(perform, text)


def _write(content: str, folder: Path) -> None:
    first, _, rest = content.partition("\n")
    named = re.fullmatch(r"# (\S+\.ya?ml)", first)
    if named is None:
        return
    path = folder / named[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rest, encoding="utf-8")


def _run(command: str, folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECONCILER_")}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *shlex.split(command)[1:]],
        cwd=folder,
        env={**kept, "COLUMNS": COLUMNS, "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    shown = done.stdout if done.returncode in SUCCESS else done.stdout + done.stderr
    for pattern, level in _LEVELLED:
        shown = pattern.sub(level, shown)
    return "\n".join(line.rstrip() for line in shown.splitlines())
