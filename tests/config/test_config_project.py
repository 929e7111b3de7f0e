"""From reconciler.yaml, the environment and flags to settings: flags beat environment, environment beats the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reconciler.config.load import Loaded, load, load_settings
from reconciler.config.settings import Overrides, Settings
from reconciler.errors import ConfigurationError
from reconciler.model.desired import OnRemoval, PasswordMethod, PasswordSource
from reconciler.model.policy import Limit, Limits, UserTeams
from reconciler.model.problem import Problem, Severity

Write = Callable[[Mapping[str, str | bytes]], Path]
Read = Callable[..., Loaded]
Problems = Callable[..., tuple[Problem, ...]]

TEAM = "apiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: north}\n"
HEAD = "apiVersion: maxcontact/v1\nkind: Project\nmetadata: {name: acme}\nspec:\n"
FULL = (
    HEAD
    + """
  targets:
    production:
      url: https://acme.example/prefix
      login: svc-gitops
      password: {env: MAXCONTACT_PASSWORD}
      state: .reconciler/live.json
      timezone: Europe/London
      userTeams: many
    simulator: {url: "simulator://"}
  defaultTarget: simulator
  onRemoval: deactivate
  protectedLogins: [root]
  operationalFields: {Campaign: [status, type], List: [fetchWeight]}
  limits: {maxDeactivations: 10%, maxDisassociations: 12, maxPasswordSends: 0}
"""
)


def settings_of(
    root: Path, environment: Mapping[str, str] | None = None, overrides: Overrides | None = None
) -> Settings:
    """Return the settings that the project file alone gives."""
    return load_settings(root, environment=environment or {}, overrides=overrides)


def test_a_whole_project(write: Write) -> None:
    """Every setting arrives, in its type."""
    root = write({"reconciler.yaml": FULL})
    settings = settings_of(root, overrides=Overrides(target="production"))
    target = settings.connection()
    assert (target.name, target.url, target.login) == ("production", "https://acme.example/prefix", "svc-gitops")
    assert target.password == PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("MAXCONTACT_PASSWORD",))
    assert target.state == str(root.resolve() / ".reconciler/live.json")
    assert settings.targets == ("production", "simulator")
    assert settings.parallelism == 4
    policy = settings.policy
    assert policy.on_removal is OnRemoval.DEACTIVATE
    assert policy.protected_logins == {"root", "MaxSupport"}
    assert policy.operational_fields == {
        "Campaign": frozenset({"status", "type"}),
        "List": frozenset({"fetchWeight"}),
    }
    assert policy.limits == Limits(
        deactivations=Limit(amount=10, percent=True), disassociations=Limit(amount=12), password_sends=0
    )
    assert policy.user_teams is UserTeams.MANY
    assert policy.timezone == "Europe/London"


def test_the_defaults_of_the_contract(write: Write) -> None:
    """One target is the default; removal keeps, status is operational, 20 and 30 per cent, 5 passwords."""
    root = write({"reconciler.yaml": HEAD + "  targets: {live: {url: https://acme.example}}\n"})
    settings = settings_of(root)
    assert settings.target is not None
    assert settings.target.name == "live"
    assert settings.target.state == str(root.resolve() / ".reconciler" / "live.json")
    assert settings.policy.on_removal is OnRemoval.KEEP
    assert settings.policy.operational_fields == {"Campaign": frozenset({"status"})}
    assert settings.policy.limits == Limits()
    assert settings.policy.protected_logins == {"MaxSupport"}
    assert settings.policy.timezone == "UTC"
    assert settings.policy.user_teams is UserTeams.AUTO


def test_the_file_may_have_another_name(write: Write) -> None:
    """Any file at the top may hold the project."""
    assert settings_of(write({"acme.yml": FULL})).connection().name == "simulator"


def test_precedence(write: Write) -> None:
    """Flags beat environment, environment beats the file; an empty variable says nothing."""
    root = write({"reconciler.yaml": FULL})
    environment = {
        "RECONCILER_TARGET": "production",
        "RECONCILER_URL": "https://other.example",
        "RECONCILER_LOGIN": "ci",
        "RECONCILER_PASSWORD": "s3cret",
        "RECONCILER_STATE": "/var/state.json",
        "RECONCILER_PARALLELISM": "2",
        "OTHER": "x",
    }
    target = settings_of(root, environment).connection()
    assert (target.name, target.url, target.login) == ("production", "https://other.example", "ci")
    assert target.password == PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("RECONCILER_PASSWORD",))
    assert target.state == "/var/state.json"
    assert settings_of(root, environment).parallelism == 2
    flags = Overrides(target="simulator", url="simulator://x", login="me", state="/flag.json", parallelism=7)
    settings = settings_of(root, environment, flags)
    target = settings.connection()
    assert (target.name, target.url, target.login, target.state) == ("simulator", "simulator://x", "me", "/flag.json")
    assert settings.parallelism == 7
    assert settings_of(root, dict.fromkeys(environment, "")).connection().name == "simulator"


def test_a_state_that_is_typed_starts_where_one_is(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The project's path is relative to its file, a variable's to the working directory, an address is kept."""
    root = write({"reconciler.yaml": FULL})
    monkeypatch.chdir(tmp_path)
    assert settings_of(root, {"RECONCILER_STATE": "s.json"}).connection().state == str(tmp_path / "s.json")
    assert settings_of(root, {"RECONCILER_STATE": "s3://b/s"}).connection().state == "s3://b/s"


def test_no_project_file_is_needed(write: Write) -> None:
    """Url, login and password from the environment are a target."""
    root = write({"team.yaml": TEAM})
    environment = {"RECONCILER_URL": "https://a.example", "RECONCILER_LOGIN": "me", "RECONCILER_PASSWORD": "x"}
    target = load(root, environment=environment).settings.connection()
    assert (target.name, target.url, target.login) == ("default", "https://a.example", "me")
    assert target.state == str(root.resolve() / ".reconciler" / "default.json")
    named = load(root, environment={**environment, "RECONCILER_TARGET": "acme"}).settings.connection()
    assert named.name == "acme"


def test_validating_needs_no_target(write: Write) -> None:
    """Without any target the manifests can be read; connecting says what is missing."""
    settings = load(write({"team.yaml": TEAM}), environment={}).settings
    assert settings.target is None
    with pytest.raises(ConfigurationError, match="no target") as raised:
        settings.connection()
    assert "RECONCILER_URL" in raised.value.hint


@pytest.mark.parametrize(
    ("targets", "environment", "message", "hint"),
    [
        (
            "{a: {url: 'simulator://'}, b: {url: 'simulator://'}}",
            {},
            "no target is named",
            "--target with one of: a, b",
        ),
        ("{a: {url: https://a.example}}", {}, "a has no login", "RECONCILER_LOGIN"),
        ("{a: {url: https://a.example, login: me}}", {}, "a has no password", "RECONCILER_PASSWORD"),
    ],
)
def test_an_incomplete_target_says_what_is_missing(
    write: Write, targets: str, environment: dict[str, str], message: str, hint: str
) -> None:
    """Said when connecting, not when validating."""
    settings = settings_of(write({"reconciler.yaml": f"{HEAD}  targets: {targets}\n"}), environment)
    with pytest.raises(ConfigurationError, match=message) as raised:
        settings.connection()
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("environment", "overrides", "rule", "text", "severity"),
    [
        ({"RECONCILER_TARGT": "x"}, None, "unknown-variable", "did you mean RECONCILER_TARGET?", "error"),
        ({"RECONCILER_VERSION": "x"}, None, "unknown-variable", "known are RECONCILER_URL", "warning"),
        ({"RECONCILER_TARGET": "prod"}, None, "unknown-target", "production or simulator", "error"),
        ({}, Overrides(target="producton"), "unknown-target", "did you mean `production`?", "error"),
        ({"RECONCILER_PARALLELISM": "many"}, None, "bad-setting", "from 1 to 64", "error"),
        ({"RECONCILER_PARALLELISM": "0"}, None, "bad-setting", "from 1 to 64", "error"),
        ({}, Overrides(parallelism=65), "bad-setting", "from 1 to 64", "error"),
        ({"RECONCILER_URL": "acme.example"}, None, "bad-setting", "write it like https://", "error"),
        ({"RECONCILER_URL": "ftp://acme.example"}, None, "bad-setting", "write it like https://", "error"),
        ({"RECONCILER_URL": "http://acme.example"}, None, "bad-setting", "write https://", "error"),
        ({"RECONCILER_URL": "http://127.0.0.1.acme.example"}, None, "bad-setting", "write https://", "error"),
        ({"RECONCILER_URL": "https://[::1"}, None, "bad-setting", "write it like https://", "error"),
    ],
)
def test_what_is_wrong_with_environment_or_flags(
    write: Write,
    problems: Problems,
    environment: dict[str, str],
    overrides: Overrides | None,
    rule: str,
    text: str,
    severity: str,
) -> None:
    """A setting that can't take effect is said, with what it could be."""
    found = problems(write({"reconciler.yaml": FULL, "team.yaml": TEAM}), environment, overrides)
    assert [(str(each.rule), each.severity) for each in found] == [(rule, Severity(severity))]
    assert text in str(found[0])


@pytest.mark.parametrize("name", ["../../x", "X", "a/b", "-"])
def test_a_target_named_without_a_project_cannot_leave_its_place(write: Write, problems: Problems, name: str) -> None:
    """The name becomes the ledger's file name."""
    environment = {"RECONCILER_URL": "simulator://", "RECONCILER_TARGET": name}
    assert [str(each.rule) for each in problems(write({"team.yaml": TEAM}), environment)] == ["bad-setting"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_plain_http_to_this_machine_is_fine(write: Write, problems: Problems, host: str) -> None:
    """The simulator over HTTP needs no certificate."""
    environment = {"RECONCILER_URL": f"http://{host}:8080/prefix"}
    assert problems(write({"team.yaml": TEAM}), environment) == ()


def test_settings_alone_ignore_broken_manifests(write: Write) -> None:
    """An emergency must not wait for somebody to mend a manifest."""
    root = write({"reconciler.yaml": FULL, "team.yaml": "kind: [", "sub/a.yaml": "\x00"})
    assert settings_of(root).connection().name == "simulator"
    with pytest.raises(ConfigurationError):
        load(root, environment={})


def test_a_broken_project_is_reported_either_way(write: Write) -> None:
    """A project that cannot be read is an error, not an absent one."""
    for text in ("kind: [", HEAD + "  targets: {}\n", HEAD + "  targets: {a: {url: 'simulator://'}}\n  x: 1\n"):
        root = write({"reconciler.yaml": text, "team.yaml": TEAM})
        for function in (load, load_settings):
            with pytest.raises(ConfigurationError):
                function(root, environment={})
