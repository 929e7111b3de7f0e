"""Command lines in processes of their own: what starts them, and what they leave."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
    memory: int = 0
    """The most memory that it took, in KiB."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command line to run in a folder, which takes what it prints."""

    folder: Path
    words: tuple[str, ...]
    variables: dict[str, str]
    moment: Moment | None = None

    def plain(self) -> dict[str, object]:
        """Return what the nursery reads."""
        return {
            "folder": str(self.folder),
            "words": self.words,
            "environment": environment(**self.variables),
            "moment": None if self.moment is None else asdict(self.moment),
            "out": str(self.folder / ".out"),
            "err": str(self.folder / ".err"),
        }

    def ended(self, code: int, memory: int) -> Ended:
        """Return how it ended."""
        out, err = ((self.folder / name).read_text(encoding="utf-8", errors="replace") for name in (".out", ".err"))
        return Ended(code=code, out=out, err=err, memory=memory)


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
            bufsize=0,  # a line that waits in a buffer would not be seen by select
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
        order = Order(folder=folder, words=words, variables=dict(variables), moment=moment)
        (ended,) = self.run_at_once([order], born=born)
        return ended

    def run_at_once(self, orders: Sequence[Order], *, born: Callable[[int], None] | None = None) -> list[Ended]:
        """Run command lines at the same time."""
        self.runs += len(orders)
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps([order.plain() for order in orders]) + "\n").encode())
        self._process.stdin.flush()
        pids = self._answer([])
        if born is not None:
            for pid in pids:
                born(pid)
        ends = self._answer(pids)
        return [order.ended(code, memory) for order, (code, memory) in zip(orders, ends, strict=True)]

    def _answer(self, pids: Sequence[int]) -> list[Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST)
        if not ready:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if pids:
                self._process.stdout.readline()
        line = self._process.stdout.readline() if ready else b""
        if not line:
            raise AssertionError(f"processes {pids} did not end within {LONGEST:g} s")
        answer: list[Any] = json.loads(line)
        return answer
