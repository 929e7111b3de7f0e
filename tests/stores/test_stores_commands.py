"""The command line with its ledger elsewhere: the whole loop, no secret in the store, and what is missing is said."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.cli.main import run
from reconciler.errors import LedgerError
from reconciler.state.store import Store, open_store
from tests.cli.ground import PASSWORD, write_floor
from tests.stores.servers import Place, fresh

LOOP = (
    ("apply", "-y"),
    ("plan", "--detailed-exitcode"),
    ("state", "list"),
    ("state", "history"),
    ("log", "--object", "Campaign/spring", "--field", "targetDropPercent"),
    ("log", "verify"),
    ("state", "mv", "Campaign/spring", "Campaign/summer"),
    ("state", "rollback", "1", "-y"),
)


def everything(store: Store) -> list[bytes]:
    """Return all that a store holds of a ledger, in clear."""
    snapshot = store.storage.read()
    found = [snapshot.ledger or b"", snapshot.journal or b""]
    for collection in ("history", "log"):
        for content in store.storage.kept(collection, store.storage.names(collection)):
            assert content is not None
            found.append(gzip.decompress(content) if collection == "history" else content)
    return found


def test_the_whole_loop_with_the_ledger_elsewhere(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Apply, an empty second plan, history, record, going back: all as with a file, and no password in the store."""
    monkeypatch.chdir(write_floor(tmp_path / "floor"))
    monkeypatch.setenv("FLOOR_PASSWORD", PASSWORD)
    monkeypatch.setenv("TENANT_PASSWORD", "simulator")
    name = fresh()
    monkeypatch.setenv("RECONCILER_STATE", place.url(name))
    monkeypatch.setenv("RECONCILER_APPROVAL", "https://git.example/pull/12")
    printed = []
    with place.led():
        for words in LOOP:
            assert run(list(words)) == 0, (words, capsys.readouterr())
            printed.append(capsys.readouterr().out)
        assert run(["log", "--format", "json"]) == 0
        record = json.loads(capsys.readouterr().out)
        contents = everything(open_store(place.url(name)))
    assert "targetDropPercent: (none) -> 2.5" in printed[4]
    assert "https://git.example/pull/12" in printed[4]
    assert "whole" in printed[5]
    assert record["writes"][-1]["run"]["provenance"]["plan"].startswith("sha256:")
    assert sum(b"jane.doe" in content for content in contents) >= 2
    coded = base64.b64encode(PASSWORD.encode()).decode()
    for secret in (PASSWORD, coded, coded.rstrip("="), quote(PASSWORD, safe="")):
        assert not any(secret.encode() in content for content in contents)


@pytest.mark.parametrize(
    ("url", "library", "extra"),
    [
        ("s3://bucket/ledger", "obstore", "s3"),
        ("gs://bucket/ledger", "obstore", "gs"),
        ("az://container/ledger", "obstore", "az"),
        ("postgresql://host/database", "psycopg", "postgresql"),
    ],
)
def test_a_library_that_is_missing_is_named_by_its_extra(
    url: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install, for each store."""
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    for ours in ("reconciler.state.object_client", "reconciler.state.objects", "reconciler.state.postgresql"):
        monkeypatch.delitem(sys.modules, ours, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(LedgerError) as caught:
        open_store(url)
    assert f"maxcontact-reconciler[{extra}]" in caught.value.hint


def test_a_password_in_a_url_is_not_shown() -> None:
    """Nor is anything else of it that libpq takes: only where the ledger is."""
    store = open_store("postgresql://anna:hunter2@127.0.0.1:1/db?ledger=one&password=hunter3&sslmode=disable")
    assert store.name == "postgresql://anna@127.0.0.1:1/db?ledger=one"
    with pytest.raises(LedgerError) as caught:
        store.load()
    assert "hunter" not in caught.value.message + caught.value.hint
