"""Command lines in processes of their own: what starts them, and what they leave."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.reliability.mortal import Moment

ROOT = Path(__file__).parents[2]
LONGEST = 60.0
KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that has ended; `code` is negative for the signal that killed it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result, which has to be one JSON document and nothing else."""
        return json.loads(self.out)

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


def environment(**more: str) -> dict[str, str]:
    """Return what a command runs with: nothing of the user's own settings, and this checkout's code."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "NO_PROXY", "no_proxy")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONPATH": str(ROOT)} | more


def start(folder: Path, *words: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `python -m reconciler` from nothing."""
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**(variables or {})),
    )


def finish(process: subprocess.Popen[str], *, timeout: float = LONGEST) -> Ended:
    """Wait for a process; raises TimeoutExpired."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ended(code=process.returncode, out=out, err=err)


class Nursery:
    """Runs one command line after the other, each in a process of its own; a context manager."""

    def __init__(self) -> None:
        self.runs = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def run(
        self,
        folder: Path,
        *words: str,
        variables: Mapping[str, str],
        moment: Moment | None = None,
        born: Callable[[int], None] | None = None,
    ) -> Ended:
        """Run a command line; `born` hears its process id, `moment` says where it is to die."""
        self.runs += 1
        out, err = folder / ".out", folder / ".err"
        order = {
            "folder": str(folder),
            "words": words,
            "environment": environment(**variables),
            "moment": None if moment is None else asdict(moment),
            "out": str(out),
            "err": str(err),
        }
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(order) + "\n").encode())
        self._process.stdin.flush()
        pid = self._answer()["pid"]
        if born is not None:
            born(pid)
        code = self._answer(pid)["code"]
        return Ended(
            code=code,
            out=out.read_text(encoding="utf-8", errors="replace"),
            err=err.read_text(encoding="utf-8", errors="replace"),
        )

    def _answer(self, pid: int | None = None) -> dict[str, int]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST)
        if not ready and pid is not None:
            os.kill(pid, signal.SIGKILL)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            raise AssertionError(f"process {pid} did not end within {LONGEST:g} s")
        answer: dict[str, int] = json.loads(line)
        return answer
