"""No password and no token in anything that a command prints or writes, whatever goes wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from reconciler.simulator.faults import parse_faults
from reconciler.simulator.service import Service
from reconciler.simulator.world import Account
from tests.cli.ground import PASSWORD, Cli, Done, rewrite

ACCOUNT = "Acc/ount+Pass=word?99"
"""The tenant's account's password: one that url-encoding and Base64 change."""


def forms(secret: str) -> Iterator[str]:
    """Yield what a secret may look like."""
    coded = base64.b64encode(secret.encode()).decode()
    yield from (secret, coded, coded.rstrip("="), quote(secret, safe=""), quote_plus(secret), quote(coded, safe=""))


@pytest.fixture
def guarded(tenant: Service, floor: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Give the tenant an account whose password is known to the search."""
    monkeypatch.setenv("TENANT_PASSWORD", ACCOUNT)
    with tenant.edit() as world:
        world.accounts = {"simulator": Account(ACCOUNT)}
        world.changed()
    return tenant


def search(tenant: Service, floor: Path, *runs: Done) -> None:
    """Look for every secret in what was printed and in every file of the floor."""
    secrets = {form for secret in (PASSWORD, ACCOUNT, *tenant.world.tokens) for form in forms(secret)}
    texts = {f"run {number}": run.out + run.err for number, run in enumerate(runs)}
    files = [path for path in floor.rglob("*") if path.is_file()]
    texts |= {str(path): path.read_bytes().decode("latin-1") for path in files}
    found = [(where, secret) for where, text in texts.items() for secret in secrets if secret in text]
    assert not found


LOUD = ("-v", "--debug")


def test_when_all_goes_well(guarded: Service, floor: Path, cli: Cli) -> None:
    """Plan, dry run, apply, drift, a rotation of a password, emergency and state, loud and with every report."""
    runs = [
        cli("plan", *LOUD, "--out", "saved.plan", "--report", "json=plan.json"),
        cli("apply", *LOUD, "--dry-run"),
        cli("apply", *LOUD, "saved.plan", "-y", "--report", "json=apply.json", "--report", "text=apply.txt"),
        cli("drift", *LOUD, "--all", "--report", "json=drift.json"),
    ]
    rewrite(floor, "password: {env: FLOOR_PASSWORD}", "password: {env: FLOOR_PASSWORD, rotation: 2}")
    runs += [
        cli("plan", *LOUD, "--format", "json"),
        cli("apply", *LOUD, "-y", "--format", "json"),
        cli("emergency", "enable", *LOUD, "-y", "--reason", "drill"),
        cli("emergency", "disable", *LOUD, "-y"),
        cli("state", "list", *LOUD),
        cli("state", "show", *LOUD, "User/jane.doe"),
        cli("state", "pull", *LOUD),
    ]
    assert [run.code for run in runs] == [0] * len(runs), [run.err for run in runs]
    assert PASSWORD in guarded.world.passwords.values()
    search(guarded, floor, *runs)


@pytest.mark.parametrize(
    "fault",
    [
        f"POST /management/users=refuse:the password {PASSWORD} is too weak",
        f"GET *=refuse:Authorization {base64.b64encode(ACCOUNT.encode()).decode()} is not good",
        "POST /management/users=500-after",
        "POST /management/users=drop-after",
        "POST /management/users=truncated",
        "GET /management/lists:1=truncated",
        "* /management/*=403",
        "* *=expire",
    ],
)
def test_when_the_server_goes_wrong(fault: str, guarded: Service, floor: Path, cli: Cli) -> None:
    """A server that quotes a password, breaks off or refuses gets nothing of it into a message."""
    guarded.faults = parse_faults(fault)
    runs = [cli("plan", *LOUD), cli("apply", *LOUD, "-y", "--report", "json=apply.json")]
    search(guarded, floor, *runs)
    assert all("Traceback" not in run.err or run.code for run in runs)


def test_when_the_login_is_refused(guarded: Service, floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is as secret as the right one."""
    wrong = "Wrong/but+Secret=77?"
    monkeypatch.setenv("TENANT_PASSWORD", wrong)
    done = cli("plan", *LOUD)
    assert done.code == 1
    assert not [form for form in forms(wrong) if form in done.out + done.err]
    monkeypatch.setenv("TENANT_PASSWORD", "Pässwörd-nicht-ASCII")
    done = cli("plan", *LOUD)
    assert done.code == 1
    assert "ASCII" in done.err
    assert "Pässwörd" not in done.out + done.err


def test_when_nobody_answers(floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable server ends with 1, gives its traceback with --debug, and nothing of the account."""
    monkeypatch.setenv("TENANT_PASSWORD", ACCOUNT)
    done = cli("plan", *LOUD, "--target", "tenant", "--timeout", "0.2")
    assert done.code == 1
    assert "Traceback" in done.err
    assert not [form for form in forms(ACCOUNT) if form in done.out + done.err]


def test_a_password_in_the_manifest_is_refused_unshown(floor: Path, cli: Cli) -> None:
    """A literal password is an error that doesn't repeat it."""
    rewrite(floor, "password: {env: FLOOR_PASSWORD}", f'password: "{PASSWORD}"')
    done = cli("validate", *LOUD)
    assert done.code == 1
    assert "password" in done.err
    assert PASSWORD not in done.out + done.err


def test_a_traceback_is_for_debug_only(floor: Path, cli: Cli) -> None:
    """Without --debug there is the message alone."""
    assert "Traceback" not in cli("plan", "nowhere").err
    assert "Traceback" in cli("--debug", "plan", "nowhere").err


@pytest.mark.parametrize("form", list(forms(PASSWORD)))
def test_the_search_finds(form: str, tenant: Service, floor: Path) -> None:
    """A secret that got into a file would be found, whatever it looks like."""
    (floor / "leak.txt").write_text(f"so it is {form}.", encoding="utf-8")
    with pytest.raises(AssertionError):
        search(tenant, floor)
