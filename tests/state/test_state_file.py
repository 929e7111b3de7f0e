"""A ledger's files: who may read them, what is written when, and what is refused in their place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from reconciler.errors import LedgerError
from reconciler.model.ledger import Concluded, Learned
from reconciler.state.journal import Journal
from reconciler.state.store import FileStore, open_store
from tests.state.ledgers import AT, STORY, URL, names

SUFFIXES = ("", ".journal", ".backup", ".lock")


def test_reading_writes_nothing(tmp_path: Path) -> None:
    """A plan leaves no trace, not even a directory; a ledger that is not there is empty, with serial 0."""
    ledger = FileStore(tmp_path / "state" / "ledger.json").load(target="production", url=URL)
    assert (ledger.serial, ledger.lineage, ledger.objects) == (0, "", {})
    assert names(tmp_path) == []


def test_a_lock_alone_writes_nothing(tmp_path: Path) -> None:
    """An apply with nothing to do leaves no ledger; the serial counts writes."""
    store = FileStore(tmp_path / "ledger.json")
    with store.lock(command="apply", target="production", url=URL) as journal:
        assert names(tmp_path) == ["ledger.json.lock"]
        assert journal.fold().serial == 0
    assert names(tmp_path) == []


def test_each_write_is_one_serial_and_keeps_the_version_before(tmp_path: Path) -> None:
    """The lineage is made once; the backup is the ledger as it was before the last write."""
    path = tmp_path / "ledger.json"
    store = FileStore(path)
    versions = []
    for serial in (1, 2, 3):
        with store.lock(command="apply", target="production", url=URL) as journal:
            journal.append(Learned(name="serial", value=str(serial)))
        versions.append(path.read_bytes())
        assert store.load().serial == serial
    assert (tmp_path / "ledger.json.backup").read_bytes() == versions[1]
    assert names(tmp_path) == ["ledger.json", "ledger.json.backup"]
    assert len({FileStore(path).load().lineage}) == 1
    assert (store.load().target, store.load().url) == ("production", URL)


def test_folding_may_happen_in_the_middle(tmp_path: Path) -> None:
    """A long run may fold now and then; what comes after begins a new journal."""
    store = FileStore(tmp_path / "ledger.json")
    with store.lock(command="apply") as journal:
        for number, event in enumerate(STORY):
            journal.append(event)
            if number % 3 == 0:
                journal.fold()
        seen = journal.ledger
    assert store.load() == seen
    assert seen.serial == 5


def test_a_run_that_fails_keeps_what_it_recorded(tmp_path: Path) -> None:
    """An error in the middle of an apply folds the journal, frees the lock and goes on its way."""
    store = FileStore(tmp_path / "ledger.json")
    kept: list[Journal] = []

    def run() -> None:
        with store.lock(command="apply") as journal:
            kept.append(journal)
            journal.append(STORY[0])
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        run()
    assert list(store.load().intents) == ["campaign/spring-renewals/create"]
    assert names(tmp_path) == ["ledger.json"]
    with pytest.raises(LedgerError, match="nothing more can be recorded"):
        kept[0].append(STORY[1])


def test_files_are_their_owners_only(tmp_path: Path) -> None:
    """Whatever the umask, nobody else reads a ledger, its companions or the directories made for them."""
    before = os.umask(0)
    try:
        store = FileStore(tmp_path / "one" / "two" / "ledger.json")
        for _ in range(2):
            with store.lock(command="apply") as journal:
                journal.append(STORY[1])
                found = {name: (tmp_path / "one" / "two" / name).stat().st_mode for name in names(tmp_path / "one/two")}
    finally:
        os.umask(before)
    assert sorted(found) == ["ledger.json", "ledger.json.journal", "ledger.json.lock"]
    assert {stat.S_IMODE(mode) for mode in found.values()} == {0o600}
    assert stat.S_IMODE((tmp_path / "one/two/ledger.json.backup").stat().st_mode) == 0o600
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one", "one/two")] == [0o700, 0o700]


def test_a_ledger_that_others_could_read_is_closed_to_them_when_written(tmp_path: Path) -> None:
    """A copy made by hand with wider permissions does not stay so, nor does its backup."""
    path = tmp_path / "ledger.json"
    store = FileStore(path)
    for mode in (0o600, 0o644):
        if path.exists():
            path.chmod(mode)
        with store.lock(command="apply") as journal:
            journal.append(STORY[1])
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.rglob("*") if file.is_file()} == {0o600}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dangling", [True, False])
def test_a_symbolic_link_in_the_place_of_a_file_is_never_followed(tmp_path: Path, suffix: str, dangling: bool) -> None:
    """What someone points at from there is neither read as ours nor written to."""
    elsewhere = tmp_path / "elsewhere"
    if not dangling:
        elsewhere.write_text("precious", encoding="utf-8")
    (tmp_path / "state").mkdir()
    store = FileStore(tmp_path / "state" / "ledger.json")
    link = tmp_path / "state" / f"ledger.json{suffix}"
    link.symlink_to(elsewhere)

    def run() -> None:
        for event in STORY[:2]:
            with store.lock(command="apply") as journal:
                journal.append(event)

    if suffix == ".backup":
        run()
        assert not link.is_symlink()
    else:
        with pytest.raises(LedgerError) as caught:
            run()
        assert "symbolic link" in caught.value.message + caught.value.hint
        assert link.is_symlink()
    assert elsewhere.exists() is not dangling
    assert dangling or elsewhere.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("suffix", ["", ".journal"])
def test_a_fifo_or_directory_in_the_place_of_a_file_is_refused(tmp_path: Path, suffix: str) -> None:
    """Nothing waits for ever on what is no file."""
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(LedgerError, match="not a regular file"):
            FileStore(tmp_path / name).load()


def test_a_ledger_changed_behind_a_locks_back_is_not_overwritten(tmp_path: Path) -> None:
    """Writing expects the version that was read; what this run recorded stays in its journal."""
    path = tmp_path / "ledger.json"
    store = FileStore(path)
    with store.lock(command="apply") as journal:
        journal.append(STORY[1])

    def run() -> None:
        with store.lock(command="apply") as journal:
            journal.append(STORY[2])
            path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(LedgerError, match="was changed by someone"):
        run()
    assert path.read_bytes().endswith(b" ")
    assert (tmp_path / "ledger.json.journal").exists()


def test_appending_from_many_threads_keeps_every_event(tmp_path: Path) -> None:
    """Each event is in the file before `append` returns, though threads share the wait for the disk."""
    store = FileStore(tmp_path / "ledger.json")
    journal_path = tmp_path / "ledger.json.journal"
    missed: list[str] = []
    barrier = Barrier(8)
    with store.lock(command="apply") as journal:

        def work(worker: int) -> None:
            barrier.wait()
            for number in range(25):
                name = f"{worker}-{number}"
                journal.append(Learned(name=name, value=name))
                if f'"{name}"'.encode() not in journal_path.read_bytes() or journal.ledger.learned.get(name) != name:
                    missed.append(name)

        threads = [Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = FileStore(tmp_path / "ledger.json").load()
        # In memory as in the file, events come in the same order: two that change the same thing end the same way.
        assert list(left.learned) == list(journal.ledger.learned)
    assert missed == []
    assert len(left.learned) == 200
    assert store.load().learned == left.learned


def test_reading_beside_a_writer_sees_one_moment(tmp_path: Path) -> None:
    """
    A plan made while others apply reads a ledger and a journal that belong together.

    Each run notes its number first and last: whoever sees a run half done sees it at the serial it set out from.
    """
    path, runs = tmp_path / "ledger.json", 40
    done = Event()

    def write() -> None:
        store = FileStore(path)
        for number in range(1, runs + 1):
            with store.lock(command="apply") as journal:
                journal.append(Learned(name="first", value=str(number)))
                journal.append(Learned(name="last", value=str(number)))
        done.set()

    seen: list[tuple[int, int, int]] = []
    writer = Thread(target=write)
    writer.start()
    while not done.is_set():
        ledger = FileStore(path).load()
        seen.append((ledger.serial, int(ledger.learned.get("first", "0")), int(ledger.learned.get("last", "0"))))
    writer.join()
    assert [each for each in seen if not each[0] <= each[2] <= each[1] <= each[0] + 1] == []
    assert seen == sorted(seen)
    assert len(seen) > runs


FULL_DISK = """
import resource, signal, sys
from reconciler.errors import LedgerError
from reconciler.model.ledger import Learned
from reconciler.state.journal import Journal
from reconciler.state.store import FileStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    with FileStore(sys.argv[1]).lock(command="apply") as journal:
        for number in range(1000):
            journal.append(Learned(name=f"n{number}", value="x" * 40))
            print(number, flush=True)
except LedgerError as error:
    print(error.message, error.hint, file=sys.stderr)
"""


def test_a_full_disk_stops_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """The write that fails is an error before its request is sent; every one before it is still there."""
    path = tmp_path / "ledger.json"
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True)
    kept = [int(line) for line in run.stdout.split()]
    assert kept
    assert f"cannot write {path}.journal" in run.stderr
    store = FileStore(path)
    assert set(store.load().learned) == {f"n{number}" for number in kept}
    with store.lock(command="apply"):
        pass
    assert set(store.load().learned) == {f"n{number}" for number in kept}
    assert names(tmp_path) == ["ledger.json"]


def test_a_step_costs_the_same_in_a_large_ledger(tmp_path: Path) -> None:
    """What an append writes does not depend on what the ledger holds."""
    sizes = []
    for count in (0, 2000):
        path = tmp_path / f"{count}.json"
        store = FileStore(path)
        with store.lock(command="apply") as journal:
            for number in range(count):
                journal.ledger.learned[f"n{number}"] = "x"
            journal.append(Learned(name="first", value=""))
            journal.fold()
            before = path.read_bytes()
            journal.append(Concluded(step="a", status="done", at=AT))
            one = (tmp_path / f"{count}.json.journal").stat().st_size
            journal.append(Concluded(step="a", status="done", at=AT))
            sizes.append((tmp_path / f"{count}.json.journal").stat().st_size - one)
            assert path.read_bytes() == before
    assert sizes[0] == sizes[1] < 120


@pytest.mark.parametrize("place", ["ledger.json", "./a/ledger.json"])
def test_a_path_is_a_file_store(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default place for a ledger is a file, relative paths included."""
    monkeypatch.chdir(tmp_path)
    with open_store(place).lock(command="apply") as journal:
        journal.append(STORY[1])
    with open_store(f"file://{tmp_path / place}").lock(command="apply") as journal:
        assert journal.ledger.serial == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("s3://bucket", "does not name a bucket and a prefix"),
        ("gs:///ledger", "does not name a bucket and a prefix"),
        ("az://container/?sig=hunter2", "does not name a bucket and a prefix"),
        ("mysql://anna:hunter2@host/db", "no ledger can be kept at mysql://"),
        ("ftp://host/ledger", "no ledger can be kept at ftp://"),
        ("file://host/ledger", "no ledger can be kept at file://"),
    ],
)
def test_an_unknown_place_is_refused(place: str, words: str) -> None:
    """The error names the scheme, what can be given instead, and no password of the url."""
    with pytest.raises(LedgerError) as caught:
        open_store(place)
    assert words in caught.value.message
    assert "Give `state` a" in caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint
