"""What the `state` commands do: look, forget, rename, take out and put back; and whose ledger it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.model.address import Address
from reconciler.model.ledger import Bound, Flag, Intended, Ledger, LedgerMembership, Link, Owned
from reconciler.state.operations import Row, list_rows, move, pull, push, remove, show
from reconciler.state.store import FileStore
from reconciler.state.target import check_target
from tests.state.ledgers import AT, CAMPAIGN, MEMBERS, STORY, URL

OTHER = Address("Campaign", "summer")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A ledger that the story was written to, at serial 1."""
    store = FileStore(tmp_path / "ledger.json")
    with store.lock(command="apply", target="production", url=URL) as journal:
        for event in STORY:
            journal.append(event)
    return store


def test_listing_shows_objects_and_documents(store: FileStore) -> None:
    """One row each, sorted."""
    assert list_rows(store.load()) == (
        Row(address=CAMPAIGN, id=7, natural_key="Spring Renewals", at=AT),
        Row(address=MEMBERS),
    )


def test_showing_an_object_gathers_all_that_is_known(store: FileStore) -> None:
    """Its record, its associations from either end, its activity, and requests whose outcome is unknown."""
    with store.lock(command="apply") as journal:
        journal.append(Intended(step="s", action="update", address=CAMPAIGN, at=AT, flags=(Flag("Campaign", 7),)))
        journal.append(Bound(address=Address("List", "l"), id=3, natural_key="L", fields={}, at=AT))
    ledger = store.load()
    shown = show(ledger, CAMPAIGN)
    assert shown.object is ledger.objects[CAMPAIGN]
    assert [link for link, _ in shown.links] == [Link("campaign-list", 7, 3), Link("campaign-list", 7, 4)]
    assert shown.activity == ledger.activity[Flag("Campaign", 7)]
    assert [intent.step for intent in shown.intents] == ["s"]
    assert [link for link, _ in show(ledger, Address("List", "l")).links] == [Link("campaign-list", 7, 3)]
    assert show(ledger, MEMBERS).membership == ledger.memberships[str(MEMBERS)]


def test_forgetting_keeps_what_is_still_true(store: FileStore) -> None:
    """The record goes, and requests about it in doubt; associations of its Id stay facts."""
    with store.lock(command="apply") as journal:
        journal.append(Intended(step="s", action="update", address=CAMPAIGN, at=AT))
    before = store.load()
    remove(store, CAMPAIGN)
    after = store.load()
    assert (CAMPAIGN in after.objects, "s" in after.intents) == (False, False)
    assert (after.links, after.activity, after.serial) == (before.links, before.activity, before.serial + 1)
    remove(store, MEMBERS)
    assert store.load().memberships == {}
    assert list_rows(store.load()) == ()


def test_forgetting_what_was_never_finished(store: FileStore) -> None:
    """A create in doubt that left no record can be forgotten too."""
    with store.lock(command="apply") as journal:
        journal.append(Intended(step="s", action="create", address=OTHER, at=AT))
    assert [intent.step for intent in show(store.load(), OTHER).intents] == ["s"]
    remove(store, OTHER)
    assert "s" not in store.load().intents


def test_moving_keeps_the_record(store: FileStore) -> None:
    """Another name, the same Id and values; the documents that own its relations follow."""
    before = store.load()
    move(store, CAMPAIGN, OTHER)
    after = store.load()
    assert after.objects == {OTHER: before.objects[CAMPAIGN]}
    assert after.memberships[str(MEMBERS)].owned == (("campaign-list", "Campaign/summer"),)
    assert after.serial == before.serial + 1
    renamed = Address("Membership", "renamed")
    move(store, MEMBERS, renamed)
    assert store.load().memberships == {str(renamed): after.memberships[str(MEMBERS)]}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (OTHER, CAMPAIGN, "does not know Campaign/summer"),
        (CAMPAIGN, Address("List", "summer"), "another kind"),
        (CAMPAIGN, CAMPAIGN, "is recorded already"),
        (MEMBERS, MEMBERS, "is recorded already"),
        (Address("Membership", "none"), MEMBERS, "does not know Membership/none"),
    ],
)
def test_a_move_that_makes_no_sense_changes_nothing(
    store: FileStore, before: Address, after: Address, words: str
) -> None:
    """It is refused with what to do, and the serial stays."""
    with pytest.raises(LedgerError, match=words) as caught:
        move(store, before, after)
    assert caught.value.hint
    assert store.load().serial == 1


def test_an_unknown_address_is_refused(store: FileStore) -> None:
    """Showing and forgetting say that there is no such record, and how to see which there are."""
    for act in (lambda: show(store.load(), OTHER), lambda: remove(store, OTHER)):
        with pytest.raises(LedgerError, match="does not know Campaign/summer") as caught:
            act()
        assert "state list" in caught.value.hint


def test_what_was_pulled_can_be_edited_and_pushed(store: FileStore) -> None:
    """The document carries no digest, so that an editor may change it; pushing is one serial up."""
    fields = json.loads(pull(store.load()))
    fields["url"] = "https://renamed.example"
    assert push(store, json.dumps(fields, indent=1)).serial == 2
    ledger = store.load(target="production", url="https://renamed.example")
    assert (ledger.serial, ledger.objects[CAMPAIGN].id) == (2, 7)


def test_a_pushed_document_must_follow_the_ledger(store: FileStore, tmp_path: Path) -> None:
    """Another lineage and an older serial are refused, unless --force."""
    old = pull(store.load())
    remove(store, CAMPAIGN)
    with pytest.raises(LedgerError, match="has moved on to 2"):
        push(store, old)
    other = FileStore(tmp_path / "other.json")
    assert push(other, old).serial == 2
    foreign = old.replace(store.load().lineage, "another-lineage")
    with pytest.raises(LedgerError, match="do not come from one another"):
        push(store, foreign)
    pushed = push(store, foreign, force=True)
    assert (pushed.serial, pushed.set_aside) == (3, ())
    assert store.load().lineage == "another-lineage"


@pytest.mark.parametrize("text", ["", "{", "{}", "null", "\ud800"])
def test_what_is_no_ledger_is_not_pushed(store: FileStore, text: str) -> None:
    """Not even with --force."""
    for force in (False, True):
        with pytest.raises(LedgerError, match="the document is damaged"):
            push(store, text, force=force)
    assert store.load().serial == 1


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://acme.example", True),
        ("https://ACME.example:443/", True),
        ("HTTPS://acme.example/", True),
        ("https://acme.example:8443", False),
        ("https://other.example", False),
        ("https://acme.example/tenant", False),
        ("http://acme.example", False),
        ("simulator://", False),
        ("https://acme.example:port", False),
    ],
)
def test_a_ledger_is_one_tenants(store: FileStore, url: str, same: bool) -> None:
    """Ids of one tenant mean other objects in another: neither plan nor apply goes on, and nothing is written."""
    if same:
        check_target(store.load(), target="production", url=url)
        assert store.load(target="production", url=url).serial == 1
        return
    before = Path(store.name).read_bytes()
    with pytest.raises(LedgerError, match=r"belongs to target 'production' at https://acme\.example") as caught:
        store.load(target="staging", url=url)
    with pytest.raises(LedgerError), store.lock(command="apply", target="staging", url=url):
        pytest.fail("another tenant's ledger was opened")
    assert "state push" in caught.value.hint
    assert Path(store.name).read_bytes() == before


def test_an_empty_ledger_is_anyones(tmp_path: Path) -> None:
    """What was forgotten completely may be used for another target, which is then noted; a login in a url is not."""
    check_target(Ledger(url=URL, target="old"), target="new", url="https://new.example")
    store = FileStore(tmp_path / "ledger.json")
    event = Owned(address=MEMBERS, membership=LedgerMembership(owned=()))
    with store.lock(command="apply", target="old", url=URL) as journal:
        journal.append(event)
    remove(store, MEMBERS)
    with store.lock(command="apply", target="new", url="https://anna:hunter2@new.example") as journal:
        journal.append(event)
    assert (store.load().target, store.load().url) == ("new", "https://new.example")
    assert "hunter2" not in Path(store.name).read_text(encoding="utf-8")
