"""A runner of GitHub Actions, as a step of the composite action sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.ground import PASSWORD
from tests.pipeline.forges import NUMBER, REPOSITORY, TOKEN, FakeGitHub

HEAD = "a" * 40
MERGE = "b" * 40
CONFIG = "contact-centre"
SECRETS = (PASSWORD, TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that has ended."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def annotations(self) -> list[str]:
        """The runner's commands that the step gave, those between `stop-commands` and its end left out."""
        found: list[str] = []
        stopped = ""
        for line in self.log.splitlines():
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line.startswith(("::error", "::warning", "::notice")):
                found.append(line)
        return found


@dataclass(slots=True, kw_only=True)
class FakeRunner:
    """One job on one checkout; each step is a process of its own."""

    folder: Path
    forge: FakeGitHub
    event: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        """The checkout."""
        return self.folder / "work"

    @property
    def config(self) -> Path:
        """The configuration directory in it."""
        return self.workspace / CONFIG

    def step(self, command: str, **inputs: str) -> Step:
        """Run the action's step as action.yml does."""
        files = {name: self.folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        event = self.folder / "event.json"
        event.write_text(json.dumps(self.event), encoding="utf-8")
        temporary = self.folder / "temp"
        temporary.mkdir(exist_ok=True)
        given = {"command": command, "config": CONFIG, "comment": "true", "issue": "false", "token": TOKEN} | inputs
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "NO_PROXY": "127.0.0.1",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": MERGE,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.forge.url,
            "RUNNER_TEMP": str(temporary),
            "FLOOR_PASSWORD": PASSWORD,
            "TENANT_PASSWORD": "simulator",
            **{name: str(file) for name, file in files.items()},
            **{f"INPUT_{name.upper()}": value for name, value in given.items()},
            **self.environment,
        }
        done = subprocess.run(
            [sys.executable, "-I", "-m", "reconciler.pipeline", "github"],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        log = done.stdout + done.stderr
        summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        outputs = read_outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        told = [log, summary, json.dumps(outputs), json.dumps(self.forge.comments), json.dumps(self.forge.issues)]
        assert not [secret for secret in SECRETS for text in told if secret in text]
        assert "Traceback" not in log, log
        return Step(code=done.returncode, log=log, outputs=outputs, summary=summary)


def read_outputs(text: str) -> dict[str, str]:
    """Read the outputs of a step as the runner does."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        value: list[str] = []
        for part in lines:
            if part == end:
                break
            value.append(part)
        found[name] = "\n".join(value)
    return found


def pull_request(*, fork: bool = False, author: str = "somebody") -> dict[str, Any]:
    """Return the event of a pull request, from a fork or from a branch."""
    return {
        "pull_request": {
            "number": NUMBER,
            "user": {"login": author},
            "head": {"sha": HEAD, "repo": {"full_name": "mallory/floor" if fork else REPOSITORY}},
            "base": {"repo": {"full_name": REPOSITORY}},
        }
    }


def merged() -> dict[str, Any]:
    """Return the pull request as the forge tells of it once it is merged."""
    return {
        "number": NUMBER,
        "merged_at": "2026-10-12T10:00:00Z",
        "merge_commit_sha": MERGE,
        "head": {"sha": HEAD},
    }
