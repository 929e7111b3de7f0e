"""The lock: one run at a time, named so that a person can ask, and never stuck because a process was killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.errors import LedgerError, LockedError
from reconciler.state.file_lock import FileLock
from reconciler.state.lock import Clock, LockOwner, decode_owner, encode_owner, is_gone, process_start, this_process
from reconciler.state.operations import lock_owner, unlock
from reconciler.state.store import FileStore
from tests.state.ledgers import STORY, names

HOLDER = """
import sys, time
from reconciler.model.ledger import Learned
from reconciler.state.store import FileStore
with FileStore(sys.argv[1]).lock(command="apply config") as journal:
    journal.append(Learned(name="kept", value="yes"))
    print("held", flush=True)
    sys.stdin.read()
"""

CROWD = """
import os, sys
from reconciler.model.ledger import Learned
from reconciler.state.store import FileStore
path, count, inside = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for worker in range(count):
    if os.fork() == 0:
        with FileStore(path).lock(command="apply", timeout=60) as journal:
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            seen = journal.ledger.learned.get("count", "0")
            journal.append(Learned(name="count", value=str(int(seen) + 1)))
            journal.append(Learned(name=f"worker {worker}", value="was here"))
            os.unlink(inside)
            if worker % 5 == 0:
                os._exit(9)
        os._exit(0)
codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(count)]
print(codes.count(0), codes.count(9), len(codes))
"""


class Hours:
    """A clock that goes on only by waiting."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        self.waits.append(seconds)
        self.at += seconds

    def clock(self) -> Clock:
        """Return it as the product takes it."""
        return Clock(now=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC), monotonic=lambda: self.at, sleep=self.sleep)


@contextmanager
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the ledger, with one event recorded, until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def here(**fields: object) -> LockOwner:
    """Return this process as an owner, but for some fields."""
    return replace(this_process("apply", clock=Clock()), **fields)  # type: ignore[arg-type]


def leave(path: Path, owner: LockOwner) -> None:
    """Leave that owner's lock behind."""
    path.with_name(path.name + ".lock").write_text(json.dumps(encode_owner(owner)), encoding="utf-8")


def refused(store: FileStore, *, timeout: float = 0.0) -> LockedError:
    """Return the error of locking."""
    with pytest.raises(LockedError) as caught, store.lock(command="apply", timeout=timeout):
        pytest.fail("two hold the ledger")
    return caught.value


def test_a_second_run_is_told_who_holds_the_ledger(tmp_path: Path) -> None:
    """Exit code 4, nothing sent: the message has user, host, process, command and since when, the hint the way out."""
    path = tmp_path / "ledger.json"
    with other_process(path) as process:
        owner = lock_owner(FileStore(path))
        error = refused(FileStore(path))
        ledger = FileStore(path).load()
    assert owner is not None
    assert error.exit_code == 4
    for part in (owner.user, socket.gethostname(), str(process.pid), "`reconciler apply config`", owner.since):
        assert part in error.message
    assert "--lock-timeout" in error.hint
    assert "reconciler state unlock" in error.hint
    # A plan may be made meanwhile: it sees what was recorded so far, at the serial from which that run set out.
    assert (ledger.learned, ledger.serial) == ({"kept": "yes"}, 0)


def test_a_lock_left_by_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    """Nobody has to unlock by hand after a SIGKILL, and what that run recorded is folded."""
    path = tmp_path / "ledger.json"
    with other_process(path) as process:
        process.kill()
        process.wait()
        planned = FileStore(path).load()
        with FileStore(path).lock(command="apply") as journal:
            assert journal.ledger.learned == {"kept": "yes"}
            # A plan made in between is still true: it saw the serial that folding gives.
            assert (planned.lineage, planned.serial) == (journal.ledger.lineage, journal.ledger.serial)
    assert names(tmp_path) == ["ledger.json"]


def test_waiting_for_the_holder_ends_in_the_lock(tmp_path: Path) -> None:
    """With a time-out the second run goes on as soon as the first has ended."""
    path = tmp_path / "ledger.json"
    with other_process(path) as process:

        def sleep(seconds: float) -> None:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)

        with FileStore(path, clock=Clock(sleep=sleep)).lock(command="apply", timeout=5) as journal:
            assert journal.ledger.serial == 1


def test_waiting_ends_at_the_time_out(tmp_path: Path) -> None:
    """It waits as long as it was told and not longer, and says so."""
    path = tmp_path / "ledger.json"
    hours = Hours()
    with FileStore(path).lock(command="apply"):
        error = refused(FileStore(path, clock=hours.clock()), timeout=300)
    assert hours.at == pytest.approx(300)
    assert "waited 300 s" in error.message
    assert max(hours.waits) <= 0.5


@pytest.mark.parametrize("stale", [False, True])
def test_fifty_runs_at_once_go_one_by_one(tmp_path: Path, stale: bool) -> None:
    """
    Never two inside, no write lost, though every fifth is killed while it holds the ledger.

    With a lock left behind at the start all of them find it at the same moment, and one takes it over.
    """
    path, inside = tmp_path / "ledger.json", tmp_path / "inside"
    if stale:
        leave(path, here(pid=2**22 + 1))
    run = subprocess.run(
        [sys.executable, "-c", CROWD, str(path), "50", str(inside)], capture_output=True, text=True, check=True
    )
    assert (run.stdout.split(), run.stderr) == (["40", "10", "50"], "")
    with FileStore(path).lock(command="apply") as journal:
        assert journal.ledger.learned == {"count": "50"} | {f"worker {number}": "was here" for number in range(50)}
        assert journal.ledger.serial == 50
    assert names(tmp_path) == ["ledger.json", "ledger.json.backup"]


@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        ({}, False),
        ({"started": "1"}, True),
        ({"pid": 2**22 + 1}, True),
        ({"boot": "another", "pid": 2**22 + 1}, False),
        ({"boot": "another", "host": "elsewhere"}, False),
        ({"boot": "", "host": "elsewhere", "pid": 2**22 + 1}, False),
        ({"boot": "", "pid": 2**22 + 1}, True),
        ({"host": "a-container-on-this-machine", "pid": 2**22 + 1}, True),
    ],
    ids=["runs", "pid reused", "ended", "other boot", "other host", "host unknown", "no boot id", "container"],
)
def test_a_left_lock_is_recognised_only_where_that_is_certain(
    tmp_path: Path, fields: dict[str, object], gone: bool
) -> None:
    """The process has ended, or its number is another's now; of another machine nobody can tell."""
    path, owner = tmp_path / "ledger.json", here(**fields)
    leave(path, owner)
    assert is_gone(owner) is gone
    assert FileLock(path.with_name("ledger.json.lock"), clock=Clock()).is_held() is not gone
    if gone:
        with FileStore(path).lock(command="apply"):
            pass
    else:
        assert owner.id not in refused(FileStore(path)).message
        assert lock_owner(FileStore(path)) == owner


def test_a_child_that_ended_but_was_not_waited_for_is_gone() -> None:
    """A killed process may stay as a zombie for as long as its parent likes."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with process:
        started = process_start(process.pid)
        owner = here(pid=process.pid, started=started)
        assert started
        assert not is_gone(owner)
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(owner)


def test_a_lock_that_cannot_be_read_holds(tmp_path: Path) -> None:
    """What may be somebody's is not taken; the error says so."""
    (tmp_path / "ledger.json.lock").write_bytes(b"?")
    store = FileStore(tmp_path / "ledger.json")
    assert "cannot be read" in refused(store).message
    with pytest.raises(LedgerError, match="does not say who"):
        lock_owner(store)


def test_a_reserved_name_of_a_killed_run_is_freed(tmp_path: Path) -> None:
    """Where names are reserved first, an empty lock is somebody's for a moment and nobody's after."""
    lock = tmp_path / "ledger.json.lock"
    lock.touch()
    store = FileStore(tmp_path / "ledger.json")
    refused(store)
    os.utime(lock, (1, 1))
    with store.lock(command="apply"):
        pass


def test_a_file_system_without_links_locks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some shared folders know no second names: locking, writing and keeping a backup go on there."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = FileStore(tmp_path / "ledger.json")
    for event in STORY[:2]:
        with store.lock(command="apply") as journal:
            journal.append(event)
            assert "held" not in refused(store).message
    assert names(tmp_path) == ["ledger.json", "ledger.json.backup"]


def test_drafts_of_killed_runs_are_swept(tmp_path: Path) -> None:
    """A kill between making a lock and naming it leaves a file; the next run removes it."""
    (tmp_path / "ledger.json.lock.0123456789abcdef").write_text("{}", encoding="utf-8")
    with FileStore(tmp_path / "ledger.json").lock(command="apply"):
        assert os.listdir(tmp_path) == ["ledger.json.lock"]


def test_unlocking_asks_whether_the_holder_runs(tmp_path: Path) -> None:
    """A live holder keeps its lock, but for --force; then it stops before its next step, and what it did is kept."""
    path = tmp_path / "ledger.json"
    store = FileStore(path)

    def run() -> None:
        with store.lock(command="apply") as journal:
            journal.append(STORY[0])
            owner = lock_owner(store)
            assert owner is not None
            with pytest.raises(LockedError, match="still runs"):
                unlock(store, owner)
            unlock(store, owner, force=True)
            assert lock_owner(store) is None
            with FileStore(path).lock(command="apply") as second:
                second.append(STORY[1])
                journal.append(STORY[2])

    with pytest.raises(LockedError, match="was taken away"):
        run()
    ledger = store.load()
    assert (list(ledger.intents), len(ledger.objects)) == (["campaign/spring-renewals/create"], 1)
    assert names(tmp_path) == ["ledger.json", "ledger.json.backup"]


def test_unlocking_removes_the_lock_that_was_shown_and_no_other(tmp_path: Path) -> None:
    """While a person reads the question another run may have locked."""
    store = FileStore(tmp_path / "ledger.json")
    leave(tmp_path / "ledger.json", here(boot="another"))
    shown = lock_owner(store)
    assert shown is not None
    leave(tmp_path / "ledger.json", here(boot="another"))
    with pytest.raises(LockedError):
        unlock(store, shown, force=True)
    current = lock_owner(store)
    assert current is not None
    unlock(store, current)
    assert lock_owner(store) is None
    unlock(store, current)


def test_an_owner_reads_back_as_it_was_written() -> None:
    """Whoever reads the lock sees exactly who wrote it."""
    owner = here(command="apply 'ünder' \x1b[31m")
    assert decode_owner(json.loads(json.dumps(encode_owner(owner)))) == owner
