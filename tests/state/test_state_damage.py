"""A ledger or journal that is torn, changed or in the wrong place: recovered from where that is safe, else refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.model.ledger import Ledger
from reconciler.state.operations import push
from reconciler.state.store import FileStore
from tests.state.ledgers import STORY, URL


def written(path: Path, *, times: int = 1) -> FileStore:
    """Write the story's ledger so many times."""
    store = FileStore(path)
    for _ in range(times):
        with store.lock(command="apply", target="production", url=URL) as journal:
            for event in STORY:
                journal.append(event)
    return store


def interrupted(path: Path) -> FileStore:
    """Leave behind what a killed run does: a ledger at serial 1 and a journal that continues it."""
    store = written(path)
    journal_path = beside(path, ".journal")
    with store.lock(command="apply", target="production", url=URL) as journal:
        for event in STORY:
            journal.append(event)
        ledger, left = path.read_bytes(), journal_path.read_bytes()
    path.write_bytes(ledger)
    journal_path.write_bytes(left)
    return store


def beside(path: Path, suffix: str) -> Path:
    """Return the file beside a ledger."""
    return path.with_name(path.name + suffix)


def told(count: int) -> Ledger:
    """Return what the story's first run and that many events of a second one give."""
    ledger = Ledger()
    for event in (*STORY, *STORY[:count]):
        ledger.record(event)
    return ledger


def knowledge(ledger: Ledger) -> tuple[object, ...]:
    """Return what a ledger knows, whatever its place in history."""
    return (ledger.objects, ledger.memberships, ledger.links, ledger.activity, ledger.learned, ledger.intents)


def refused(store: FileStore) -> LedgerError:
    """Return the error of reading, and of locking, which must not change any file."""
    path = Path(store.name)
    files = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    with pytest.raises(LedgerError) as caught:
        store.load()
    with pytest.raises(LedgerError), store.lock(command="apply"):
        pytest.fail("a damaged ledger was opened")
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == files
    return caught.value


def test_a_ledger_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    """At every length but the whole one the ledger is refused, with the way back, and nothing is written over it."""
    store = written(tmp_path / "ledger.json", times=2)
    path = Path(store.name)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(LedgerError, match="is damaged") as caught:
            store.load()
        assert f"state push --force {path}.backup" in caught.value.hint
    assert refused(store).exit_code == 1


def test_a_ledger_changed_in_any_byte_is_refused(tmp_path: Path) -> None:
    """One wrong letter is found, even inside of a name."""
    store = written(tmp_path / "ledger.json")
    path = Path(store.name)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(LedgerError):
            store.load()


def test_a_journal_cut_off_in_its_last_line_is_recovered_from(tmp_path: Path) -> None:
    """Nobody was told that the last line was kept: wherever it ends, all lines before count, and a warning says so."""
    store = interrupted(tmp_path / "ledger.json")
    path = beside(Path(store.name), ".journal")
    whole = path.read_bytes()
    begin = whole.rstrip(b"\n").rindex(b"\n") + 1
    for length in range(begin, len(whole)):
        path.write_bytes(whole[:length])
        ledger = store.load()
        # Without its line end only, the line itself is whole and true.
        kept = len(STORY) - (length < len(whole) - 1)
        assert knowledge(ledger) == knowledge(told(kept))
        assert any("cut off" in warning for warning in store.warnings) == (length > begin)
        assert any(f"{kept} entries" in warning and "apply" in warning for warning in store.warnings)
    path.write_bytes(whole[:-9])
    with store.lock(command="apply") as journal:
        assert knowledge(journal.ledger) == knowledge(told(len(STORY) - 1))
        assert any("cut off" in warning for warning in store.warnings)
    assert not path.exists()
    assert knowledge(store.load()) == knowledge(told(len(STORY) - 1))
    assert store.warnings == ()


def test_a_journal_cut_off_in_its_header_holds_nothing(tmp_path: Path) -> None:
    """Killed before the first line was whole: the ledger alone counts, at its own serial."""
    store = interrupted(tmp_path / "ledger.json")
    path = beside(Path(store.name), ".journal")
    whole = path.read_bytes()
    for length in range(whole.index(b"\n") + 1):
        path.write_bytes(whole[:length])
        assert (knowledge(store.load()), store.load().serial) == (knowledge(told(0)), 1)
    with store.lock(command="apply") as journal:
        assert journal.ledger.serial == 1
    assert not path.exists()


def test_a_journal_followed_by_zeros_is_recovered_from(tmp_path: Path) -> None:
    """A file system may lengthen a file before its content is there."""
    store = interrupted(tmp_path / "ledger.json")
    with beside(Path(store.name), ".journal").open("ab") as file:
        file.write(b"\0" * 512)
    assert knowledge(store.load()) == knowledge(told(len(STORY)))


def lines_of(content: bytes) -> list[bytes]:
    """Return a journal's lines."""
    return content.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [*lines[:3], lines[3][:-9] + b"\n", *lines[4:]], 4),
        (lambda lines: [*lines[:3], lines[3].replace(b"done", b"gone"), *lines[4:]], 4),
        (lambda lines: [*lines[:3], *lines[4:]], 4),
        (lambda lines: [*lines[:3], lines[3], *lines[3:]], 5),
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4),
        (lambda lines: [*lines[:3], b"\n", *lines[3:]], 4),
        (lambda lines: [*lines[:-1], lines[-1].replace(b"associate", b"dissociate")], len(STORY) + 1),
        (lambda lines: lines[1:], 1),
        (lambda lines: [b"\xff\xfe\n", *lines], 1),
    ],
    ids=["cut", "changed", "lost", "repeated", "swapped", "empty", "last-changed", "headless", "binary"],
)
def test_a_journal_damaged_elsewhere_is_refused(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], line: int
) -> None:
    """An intent that is lost could become a duplicate: the line is named, and nothing is guessed."""
    store = interrupted(tmp_path / "ledger.json")
    path = beside(Path(store.name), ".journal")
    path.write_bytes(b"".join(change(lines_of(path.read_bytes()))))
    error = refused(store)
    assert f"the journal of {store.name} is damaged at line {line}:" in error.message
    assert "reconciler state push --force" in error.hint


def test_a_journal_of_an_older_ledger_is_refused(tmp_path: Path) -> None:
    """A ledger put back by hand beside a newer journal is not mixed with it."""
    store = interrupted(tmp_path / "ledger.json")
    left = beside(tmp_path / "ledger.json", ".journal").read_bytes()
    beside(tmp_path / "ledger.json", ".journal").unlink()
    written(tmp_path / "ledger.json", times=2)
    beside(tmp_path / "ledger.json", ".journal").write_bytes(left)
    assert "serial 1, but the ledger is lineage" in refused(store).message


def test_a_journal_of_another_ledger_is_refused(tmp_path: Path) -> None:
    """The same serial is not enough: a lineage is one ledger's."""
    store = interrupted(tmp_path / "ledger.json")
    written(tmp_path / "other.json")
    Path(store.name).write_bytes((tmp_path / "other.json").read_bytes())
    (tmp_path / "other.json").unlink()
    assert "continues lineage" in refused(store).message


def test_a_journal_without_its_ledger_is_refused(tmp_path: Path) -> None:
    """A ledger that vanished is not replaced by an empty one while its journal says that it was there."""
    store = interrupted(tmp_path / "ledger.json")
    Path(store.name).unlink()
    assert "but the ledger is not there" in refused(store).message


def test_a_journal_that_was_folded_already_is_removed(tmp_path: Path) -> None:
    """Killed between writing the ledger and removing the journal: its events are not applied twice."""
    path = tmp_path / "ledger.json"
    store = written(path)
    with store.lock(command="apply") as journal:
        for event in STORY:
            journal.append(event)
        left = beside(path, ".journal").read_bytes()
    beside(path, ".journal").write_bytes(left)
    before = path.read_bytes()
    assert store.load().serial == 2
    with store.lock(command="apply") as journal:
        assert journal.ledger.serial == 2
    assert path.read_bytes() == before
    assert not beside(path, ".journal").exists()


def test_a_ledger_that_vanished_beside_its_backup_is_said(tmp_path: Path) -> None:
    """Starting over may be meant; it never happens without a word."""
    store = written(tmp_path / "ledger.json", times=2)
    Path(store.name).unlink()
    assert store.load().serial == 0
    assert "there is a backup" in store.warnings[0]


def test_the_advice_for_a_damaged_journal_keeps_the_ledger(tmp_path: Path) -> None:
    """Only the journal is set aside: the ledger beside it is newer than its backup."""
    store = interrupted(tmp_path / "ledger.json")
    path, left = Path(store.name), beside(tmp_path / "ledger.json", ".journal")
    left.write_bytes(b"?\n" + left.read_bytes())
    assert f"state push --force {path} starts" in refused(store).hint.replace("`", "")
    pushed = push(store, path.read_text(encoding="utf-8"), force=True)
    assert any(Path(name).read_bytes().startswith(b"?") for name in pushed.set_aside)
    assert knowledge(store.load()) == knowledge(told(0))


@pytest.mark.parametrize("suffix", ["", ".journal"])
def test_the_advice_without_any_older_version_works(tmp_path: Path, suffix: str) -> None:
    """Nothing to go back to: the damaged file is to be moved away by hand, and its name is given."""
    path = tmp_path / "ledger.json"
    damaged = beside(path, suffix)
    damaged.write_bytes(b"?\n")
    store = FileStore(path)
    assert f"Move {damaged} away" in refused(store).hint
    damaged.unlink()
    assert store.load().serial == 0


@pytest.mark.parametrize("journal", ["whole", "damaged", "none"])
def test_the_advice_for_a_damaged_ledger_works(tmp_path: Path, journal: str) -> None:
    """What the hint says to do gives a readable ledger, and keeps the damaged files for whoever wants to look."""
    store = written(tmp_path / "ledger.json", times=2)
    interrupted(tmp_path / "ledger.json")
    path, left = Path(store.name), beside(tmp_path / "ledger.json", ".journal")
    path.write_bytes(b"{")
    if journal == "damaged":
        left.write_bytes(b"?\n")
    if journal == "none":
        left.unlink()
    backup = beside(path, ".backup")
    pushed = push(store, backup.read_text(encoding="utf-8"), force=True)
    assert [Path(name).read_bytes()[:1] for name in pushed.set_aside][:1] == [b"{"]
    assert len(pushed.set_aside) == (1 if journal == "none" else 2)
    assert all(".damaged-" in name for name in pushed.set_aside)
    assert knowledge(store.load()) == knowledge(told(0))
    assert store.load().serial == pushed.serial
