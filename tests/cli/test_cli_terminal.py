"""On a terminal: the question, the colours, the bar."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.ground import Cli, rewrite

ESCAPE = "\x1b["
ROOT = str(Path(__file__).parents[2])


class Terminal:
    """A command with a pseudo-terminal as its standard streams."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reconciler", *words],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": ROOT} | environment,
        )
        os.close(slave)
        self.seen = ""

    def read_until(self, text: str) -> None:
        """Read what is shown until a text turns up."""
        deadline = time.monotonic() + 20
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            assert self._read(), self.seen

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, text.encode() + b"\n")

    def end(self) -> int:
        """Read the rest and return the exit code."""
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(timeout=20)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 20)[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            return False
        self.seen += piece.decode("utf-8", "replace")
        return bool(piece)


@pytest.fixture
def lists(floor: Path) -> Path:
    """Leave only a list to create, so that a plan is short."""
    text = (floor / "floor.yaml").read_text(encoding="utf-8")
    (floor / "floor.yaml").write_text(text.split("---\n")[1], encoding="utf-8")
    return floor


def test_yes_applies(lists: Path, cli: Cli) -> None:
    """The plan is shown, the question names the target, and only `yes` goes on."""
    terminal = Terminal(lists, "apply")
    terminal.read_until("Only `yes` is taken: ")
    assert "List/prospects" in terminal.seen
    assert "simulator (simulator://)" in terminal.seen
    terminal.type("yes")
    assert terminal.end() == 0, terminal.seen
    assert cli("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("answer", ["y", "\x04"])
def test_anything_else_does_not(answer: str, lists: Path, cli: Cli) -> None:
    """Any other answer, or none, sends nothing and ends with 5."""
    terminal = Terminal(lists, "apply")
    terminal.read_until("is taken: ")
    terminal.type(answer)
    assert terminal.end() == 5
    assert "nothing was sent" in terminal.seen
    assert cli("plan", "--detailed-exitcode").code == 2


def test_control_c_at_the_question_ends_with_130(lists: Path) -> None:
    """Whoever changes their mind is gone at once."""
    terminal = Terminal(lists, "apply")
    terminal.read_until("is taken: ")
    os.kill(terminal.process.pid, 2)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.seen


def test_colours_and_a_bar(lists: Path) -> None:
    """A terminal gets colours, and no line per step; the bar leaves no trace."""
    terminal = Terminal(lists, "apply", "-y")
    assert terminal.end() == 0
    assert ESCAPE in terminal.seen
    assert "[1/1]" not in terminal.seen
    assert "Apply: 1 done" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.seen)


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(settings: dict[str, str], lists: Path) -> None:
    """NO_COLOR, or a terminal that has none, gets words only."""
    terminal = Terminal(lists, "plan", "-q", **settings)
    assert terminal.end() == 0
    assert "List/prospects" in terminal.seen
    assert ESCAPE not in terminal.seen


def test_no_colour_in_a_pipe(lists: Path, cli: Cli) -> None:
    """What is piped into a file is plain."""
    assert ESCAPE not in cli("plan").out


def test_names_cannot_command_the_terminal(lists: Path, cli: Cli) -> None:
    """An escape sequence in a manifest is shown, not obeyed, in a plan and in an error."""
    rewrite(lists, "spec: {fetchWeight: 5}", 'spec: {fetchWeight: 5, listName: "\\e]0;owned\\a\\e[2J"}')
    assert "\x1b" not in cli("plan").out
    rewrite(lists, "fetchWeight: 5", '"fetch\\e[2JWeight": 5')
    done = cli("validate")
    assert done.code == 1
    assert "\x1b" not in done.out + done.err


def test_unlocking_asks(floor: Path, cli: Cli) -> None:
    """`state unlock` without a lock has nothing to ask."""
    assert cli("state", "unlock").out == "nobody holds the ledger\n"


def test_an_emergency_asks_for_the_name_of_the_target(lists: Path, cli: Cli) -> None:
    """The target's name has to be typed; anything else does nothing."""
    wrong = Terminal(lists, "emergency", "enable", "--reason", "drill")
    wrong.read_until("to go on: ")
    wrong.type("yes")
    assert wrong.end() == 5
    assert "no emergency is recorded" in cli("emergency", "status").out
    right = Terminal(lists, "emergency", "enable", "--reason", "drill")
    right.read_until("to go on: ")
    right.type("simulator")
    assert right.end() == 0, right.seen
    assert "frozen" in cli("emergency", "status").out
