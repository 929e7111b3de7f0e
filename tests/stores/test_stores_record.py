"""The ledger's past on every store: history, going back, moving, and a change record that shows what was done to it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.model.address import Address
from reconciler.model.ledger import Bound, Concluded, Intended
from reconciler.model.record import FieldChange, Provenance
from reconciler.state.history import migrate, rollback, segments, verify_record, writes
from reconciler.state.provenance import provenance_of
from reconciler.state.record import LOG, concerning
from reconciler.state.store import FileStore, Store
from tests.stores.servers import Place, fresh

CAMPAIGN = Address("Campaign", "renewals")
AT = "2026-03-02T09:00:00Z"


def set_drop_rate(store: Store, before: float | None, after: float, *, plan: str = "sha256:abc") -> None:
    """Let an apply change the drop rate, the way that a step records it."""
    step = "campaign/renewals/update"
    change = FieldChange(field="targetDropPercent", before=before, after=after)
    with store.lock(command="apply", plan=plan) as journal:
        journal.append(Intended(step=step, action="update", address=CAMPAIGN, at=AT))
        journal.append(
            Bound(address=CAMPAIGN, id=7, natural_key="Renewals", fields={"targetDropPercent": after}, at=AT)
        )
        sent = ("PUT /management/campaigns/7: accepted",)
        journal.append(Concluded(step=step, status="done", at=AT, changes=(change,), requests=sent))


def told(store: Store) -> Store:
    """Let a store say where its runs come from."""
    store.provenance = lambda: Provenance(commit="c0ffee", approval="https://git.example/pull/12", actor="anna")
    return store


@pytest.fixture
def store(place: Place) -> Store:
    """A ledger of three writes: the drop rate was 3, then 2.5, then 2."""
    store = told(place.open(fresh()))
    set_drop_rate(store, None, 3)
    set_drop_rate(store, 3, 2.5, plan="sha256:def")
    set_drop_rate(store, 2.5, 2)
    return store


def test_the_record_says_who_changed_what(store: Store) -> None:
    """Who changed the drop rate of renewals, when, approved where? One step a write, newest first."""
    found = concerning(segments(store), place="Campaign/renewals", field="targetDropPercent")
    assert [(each.entries[0].changes[0].before, each.entries[0].changes[0].after) for each in found] == [
        (2.5, 2),
        (3, 2.5),
        (None, 3),
    ]
    run, entry = found[1].run, found[1].entries[0]
    assert (run.provenance.commit, run.provenance.actor) == ("c0ffee", "anna")
    assert (run.provenance.approval, run.provenance.plan) == ("https://git.example/pull/12", "sha256:def")
    assert (run.command, entry.status, entry.at) == ("apply", "done", AT)
    assert entry.requests == ("PUT /management/campaigns/7: accepted",)
    assert concerning(segments(store), place="Campaign/other", field="") == ()


def test_history_lists_every_write(store: Store) -> None:
    """Serial, who, what changed, and whether there is a way back."""
    found = writes(store)
    assert [(each.run.serial, each.kept) for each in found] == [(3, False), (2, True), (1, True)]
    assert {each.run.changed for each in found} == {("Campaign/renewals: targetDropPercent",)}
    assert [each.run.serial for each in writes(store, limit=2)] == [3, 2]


def test_rolling_back_is_a_new_serial(store: Store) -> None:
    """The ledger says what it said; nothing of what came after is lost."""
    assert rollback(store, 1) == 4
    ledger = store.load()
    assert (ledger.serial, ledger.objects[CAMPAIGN].fields) == (4, {"targetDropPercent": 3})
    assert rollback(store, 3) == 5
    assert store.load().objects[CAMPAIGN].fields == {"targetDropPercent": 2}
    assert verify_record(store).segments == 5
    with pytest.raises(LedgerError, match="serial 9 is not kept"):
        rollback(store, 9)
    with pytest.raises(LedgerError, match="holds now"):
        rollback(store, 5)


def test_a_ledger_moves_with_its_past(store: Store, place: Place, tmp_path: Path) -> None:
    """There and back: the same serial, lineage, versions and record; a place that has a ledger is refused."""
    moved = migrate(store, FileStore(tmp_path / "moved.json"))
    assert (moved.serial, moved.versions, moved.entries) == (3, 2, 6)
    back = place.open(fresh())
    assert migrate(FileStore(tmp_path / "moved.json"), back) == moved
    assert back.load() == store.load()
    assert verify_record(back) == verify_record(store)
    assert rollback(back, 1) == 4
    with pytest.raises(LedgerError, match="there is a ledger at"):
        migrate(store, back)


def test_what_a_killed_run_did_is_recorded_as_its_own(place: Place) -> None:
    """Its journal is all that is left of it; the next run writes it into the record, marked as interrupted."""
    name = fresh()
    store = told(place.open(name))
    with store.hold(command="apply") as hold:
        journal = store.settle(hold)
        journal.append(Intended(step="s", action="create", address=CAMPAIGN, at=AT))
    with place.open(name).lock(command="later") as later:
        later.append(Bound(address=CAMPAIGN, id=7, natural_key="Renewals", fields={}, at=AT))
    last, first = segments(store)
    assert (first.run.command, first.run.interrupted, first.run.provenance.commit) == ("apply", True, "c0ffee")
    assert [(entry.action, entry.status, entry.object) for entry in first.entries] == [
        ("create", "unknown", "Campaign/renewals")
    ]
    assert (last.run.command, last.run.interrupted) == ("later", False)
    verify_record(store)


def change(content: bytes) -> bytes:
    """Change a value."""
    return content.replace(b'"after": 2.5', b'"after": 1.5')


def take_out(content: bytes) -> bytes:
    """Take an entry out."""
    return content.splitlines(keepends=True)[0]


def add(content: bytes) -> bytes:
    """Add one that was made before."""
    return content + content.splitlines(keepends=True)[1]


@pytest.mark.parametrize("tamper", [change, take_out, add], ids=lambda each: each.__name__)
def test_tampering_is_found_and_named(tmp_path: Path, tamper: Callable[[bytes], bytes]) -> None:
    """Whatever is done to a segment, `log verify` names that segment."""
    store = FileStore(tmp_path / "ledger.json")
    set_drop_rate(store, 3, 2.5)
    set_drop_rate(store, 2.5, 2)
    verify_record(store)
    name = store.storage.names(LOG)[0]
    file = tmp_path / "ledger.json.log" / name
    content = file.read_bytes()
    assert tamper(content) != content
    file.write_bytes(tamper(content))
    with pytest.raises(LedgerError, match=name):
        verify_record(store)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_segment_that_is_gone_is_missed(store: Store, which: int) -> None:
    """At the beginning, in the middle and at the end, where only the ledger knows that there was more."""
    name = store.storage.names(LOG)[which]
    store.storage.drop(LOG, (name,))
    with pytest.raises(LedgerError, match=f"segment {name} is missing"):
        verify_record(store)


def test_what_no_ledger_was_written_for_is_not_in_the_record(store: Store) -> None:
    """A run that was killed between the record and the ledger leaves a segment that nothing leads to."""
    whole = verify_record(store)
    name = store.storage.names(LOG)[-1]
    store.storage.keep(LOG, "0000000004-" + "0" * 16, store.storage.kept(LOG, (name,))[0] or b"")
    assert verify_record(store) == whole
    set_drop_rate(store, 2, 1)
    assert verify_record(store).segments == 4


def test_former_versions_are_whole_documents(store: Store) -> None:
    """What is kept to go back to is what was there, compressed."""
    names = store.storage.names("history")
    kept = [json.loads(gzip.decompress(content or b"")) for content in store.storage.kept("history", names)]
    assert [document["serial"] for document in kept] == [1, 2]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            {"RECONCILER_APPROVAL": "https://bot:hunter2@git.example/pull/9", "GIT_COMMIT": "abc"},
            Provenance(commit="abc", approval="https://git.example/pull/9"),
        ),
        (
            {
                "GITHUB_SHA": "abc",
                "GITHUB_ACTOR": "anna",
                "GITHUB_REPOSITORY": "acme/floor",
                "GITHUB_REF": "refs/pull/12/merge",
            },
            Provenance(commit="abc", actor="anna", approval="https://github.com/acme/floor/pull/12"),
        ),
        (
            {
                "CI_COMMIT_SHA": "abc",
                "GITLAB_USER_LOGIN": "ben",
                "CI_MERGE_REQUEST_IID": "7",
                "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example/acme/floor",
            },
            Provenance(commit="abc", actor="ben", approval="https://gitlab.example/acme/floor/-/merge_requests/7"),
        ),
    ],
    ids=["given", "github", "gitlab"],
)
def test_a_pipeline_says_where_a_run_comes_from(
    tmp_path: Path, environment: dict[str, str], expected: Provenance
) -> None:
    """Commit, approval and actor are the pipeline's, without a login that a url may hold."""
    assert provenance_of(environment, tmp_path) == expected
