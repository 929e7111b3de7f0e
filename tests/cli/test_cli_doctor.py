"""`reconciler doctor`: each finding says what to do, and looking changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.simulator.app import serving
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.service import Service
from reconciler.state.store import open_store
from tests.cli.ground import Cli, Done


def findings(done: Done) -> dict[str, tuple[str, str, str]]:
    """Return health, detail and advice of each check; the worst where there are several."""
    order = ("ok", "warn", "fail")
    found: dict[str, tuple[str, str, str]] = {}
    for each in done.json["findings"]:
        known = found.get(each["check"])
        if known is None or order.index(each["health"]) > order.index(known[0]):
            found[each["check"]] = (each["health"], each["detail"], each["advice"])
    return found


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file with its bytes."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_healthy_target_is_said_to_be_one(cli: Cli, tenant: Service) -> None:
    """Every check is there, each is ok, and exit code 0."""
    done = cli("doctor", "--format", "json")
    assert done.code == 0
    assert done.json["healthy"] is True
    found = findings(done)
    assert {health for health, _, _ in found.values()} == {"ok"}
    assert {"settings", "url", "TLS", "login", "token", "format", "clock", "ledger", "lock"} <= set(found)
    assert found["users"][1] == "1 can be read"
    assert found["format"][1] == "the server answers in JSON, as asked"


@pytest.mark.parametrize("url", ["", "tenant"])
def test_it_writes_nothing(url: str, cli: Cli, floor: Path, request: pytest.FixtureRequest) -> None:
    """Neither in the target nor here: no ledger, no token, no simulator's data."""
    service: Service | None = request.getfixturevalue("tenant") if url else None
    before = files_below(floor)
    assert cli("doctor").code == 0
    assert files_below(floor) == before
    if service is not None:
        assert service.writes == ()


def test_a_wrong_password_is_tried_once(cli: Cli, tenant: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding says not to go on guessing, and what can't be looked at any more is left out."""
    monkeypatch.setenv("TENANT_PASSWORD", "Not-The-Password-1")
    done = cli("doctor", "--format", "json")
    found = findings(done)
    assert done.code == 1
    assert found["login"][0] == "fail"
    assert "lock" in found["login"][2]
    assert found["url"][0] == "ok"
    assert "campaigns" not in found
    assert sum("/apitoken/login/" in request.path for request in tenant.log) == 1
    assert "Not-The-Password-1" not in done.out + done.err


def test_a_password_that_is_not_there(cli: Cli, tenant: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable to set is named."""
    monkeypatch.delenv("TENANT_PASSWORD")
    found = findings(cli("doctor", "--format", "json"))
    assert found["password"][0] == "fail"
    assert "TENANT_PASSWORD" in found["password"][1]


def test_a_server_that_is_not_there(cli: Cli, floor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the url's fault and not the login's."""
    monkeypatch.setenv("RECONCILER_TARGET", "tenant")
    done = cli("doctor", "--format", "json")
    assert done.code == 1
    assert findings(done)["url"][0] == "fail"


def test_simulator_data_that_are_none(cli: Cli, floor: Path) -> None:
    """The embedded simulator's file is looked at like a server: what is wrong with it is a finding."""
    (floor / ".reconciler").mkdir()
    (floor / ".reconciler" / "simulator.simulator.json").write_text("[", encoding="utf-8")
    done = cli("doctor", "--format", "json")
    assert done.code == 1
    assert "simulator's data" in findings(done)["url"][1]


def test_what_may_not_be_read_is_named(cli: Cli, tenant: Service) -> None:
    """Each collection by itself, with the server's reason."""
    tenant.faults = parse_faults("GET /management/teams=refuse:No permission")
    done = cli("doctor", "--format", "json")
    found = findings(done)
    assert done.code == 1
    assert found["teams"][0] == "fail"
    assert "No permission" in found["teams"][1]
    assert found["lists"][0] == "ok"


@pytest.mark.parametrize(
    ("behaviour", "health", "words"),
    [
        (Behaviour(token_expiry_field=None), "ok", "doesn't say when the token expires"),
        (Behaviour(token_seconds=50), "warn", "expires in"),
    ],
)
def test_the_life_of_a_token(
    behaviour: Behaviour, health: str, words: str, cli: Cli, floor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short one is worth a warning; one that isn't told is said to be assumed."""
    with serving(Service(behaviour=behaviour)) as url:
        monkeypatch.setenv("RECONCILER_TARGET", "tenant")
        monkeypatch.setenv("RECONCILER_URL", url)
        found = findings(cli("doctor", "--format", "json"))
    assert found["token"][0] == health
    assert words in found["token"][1]


def test_who_holds_the_ledger(cli: Cli, floor: Path, tenant: Service) -> None:
    """A held lock is a warning with its owner, and no reason to fail."""
    with open_store(floor / ".reconciler" / "tenant.json").lock(command="apply"):
        done = cli("doctor", "--format", "json")
    health, detail, advice = findings(done)["lock"]
    assert (done.code, health) == (0, "warn")
    assert "reconciler apply" in detail
    assert "state unlock" in advice


def test_a_damaged_ledger_fails(cli: Cli, floor: Path, tenant: Service) -> None:
    """And the way to mend it is shown."""
    (floor / ".reconciler").mkdir(exist_ok=True)
    (floor / ".reconciler" / "tenant.json").write_text("{", encoding="utf-8")
    health, _, advice = findings(cli("doctor", "--format", "json"))["ledger"]
    assert health == "fail"
    assert advice


@pytest.mark.parametrize(
    ("words", "variables", "setting", "value", "origin"),
    [
        (("--target", "tenant"), {}, "target", "tenant", "--target"),
        ((), {"RECONCILER_TARGET": "tenant"}, "target", "tenant", "environment variable RECONCILER_TARGET"),
        ((), {}, "target", "simulator", "reconciler.yaml:12:18"),
        (("--target", "tenant"), {}, "target.login", "simulator", "reconciler.yaml:9:14"),
        (
            ("--target", "tenant"),
            {"RECONCILER_LOGIN": "other"},
            "target.login",
            "other",
            "environment variable RECONCILER_LOGIN",
        ),
        (
            ("--target", "tenant"),
            {},
            "target.password",
            "environment variable TENANT_PASSWORD",
            "reconciler.yaml:10:17",
        ),
        ((), {"RECONCILER_PARALLELISM": "7"}, "parallelism", "7", "environment variable RECONCILER_PARALLELISM"),
        ((), {}, "parallelism", "4", "default"),
        ((), {}, "limits.maxDeactivations", "20%", "default"),
    ],
)
def test_each_setting_and_where_it_came_from(
    words: tuple[str, ...],
    variables: dict[str, str],
    setting: str,
    value: str,
    origin: str,
    cli: Cli,
    floor: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Flags beat environment, environment beats the file: here one sees which one it was."""
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    shown: list[dict[str, Any]] = cli("doctor", "--format", "json", *words).json["settings"]
    (found,) = [each for each in shown if each["name"] == setting]
    assert (found["value"], found["origin"]) == (value, origin)


def test_settings_that_make_no_sense_are_findings(cli: Cli, floor: Path) -> None:
    """All of them at once, each with its place."""
    project = floor / "reconciler.yaml"
    project.write_text(project.read_text("utf-8").replace("http://127.0.0.1:9", "http://acme.example"), "utf-8")
    done = cli("doctor", "--format", "json")
    assert done.code == 1
    assert "reconciler.yaml:8:12" in findings(done)["settings"][1]


def test_the_text_has_a_line_for_each_finding_and_setting(cli: Cli, tenant: Service) -> None:
    """And closes with the counts."""
    shown = cli("doctor").out
    assert "ok    login" in shown
    assert "target.url" in shown
    assert shown.rstrip().endswith("0 warnings, 0 failures.")
