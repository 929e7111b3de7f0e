"""Where each setting of a run came from: the command line, the environment, a line of the project file, a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.config.project import Project
from reconciler.config.settings import Overrides, Settings
from reconciler.model.checkup import Setting

_DEFAULT = "default"

_TARGET = (
    ("url", "url", "RECONCILER_URL"),
    ("login", "login", "RECONCILER_LOGIN"),
    ("password", "password", "RECONCILER_PASSWORD"),
    ("state", "state", "RECONCILER_STATE"),
    ("overlays", "overlays", ""),
    ("timezone", "timezone", ""),
    ("userTeams", "user_teams", ""),
)
"""What a target has: its name in the project file, our name, and the variable that beats the file."""


def origins(
    settings: Settings, project: Project, *, environment: Mapping[str, str], overrides: Overrides
) -> tuple[Setting, ...]:
    """Return every setting with its value, as far as it may be shown, and its origin."""
    found = [_config(settings, project), _named(settings, project, environment, overrides)]
    target = settings.target
    if target is not None:
        for name, attribute, variable in _TARGET:
            value = getattr(target, attribute)
            flag = getattr(overrides, attribute, None)
            origin = _first(
                (f"--{name}", flag is not None),
                (f"environment variable {variable}", _is_set(environment, variable)),
                (str(project.place("targets", target.name, name)), name in project.targets.get(target.name, {})),
            )
            found.append(Setting(name=f"target.{name}", value=_shown(value), origin=origin))
    parallelism = _first(
        ("--parallelism", overrides.parallelism is not None),
        ("environment variable RECONCILER_PARALLELISM", _is_set(environment, "RECONCILER_PARALLELISM")),
    )
    found.append(Setting(name="parallelism", value=str(settings.parallelism), origin=parallelism))
    found.extend(_policy(settings, project))
    return tuple(found)


def _config(settings: Settings, project: Project) -> Setting:
    origin = str(project.document.start) if project.document is not None else "no project file"
    return Setting(name="directory", value=str(settings.directory), origin=origin)


def _named(settings: Settings, project: Project, environment: Mapping[str, str], overrides: Overrides) -> Setting:
    value = settings.target.name if settings.target is not None else "(none)"
    origin = _first(
        ("--target", overrides.target is not None),
        ("environment variable RECONCILER_TARGET", _is_set(environment, "RECONCILER_TARGET")),
        (str(project.place("defaultTarget")), "defaultTarget" in project.spec),
        (str(project.place("targets")), len(project.targets) == 1),
    )
    return Setting(name="target", value=value, origin=origin)


def _policy(settings: Settings, project: Project) -> Iterator[Setting]:
    policy = settings.policy
    fields = "; ".join(
        f"{kind}: {', '.join(sorted(names)) or 'none'}" for kind, names in sorted(policy.operational_fields.items())
    )
    for path, value in (
        (("onRemoval",), str(policy.on_removal)),
        (("protectedLogins",), ", ".join(sorted(policy.protected_logins))),
        (("operationalFields",), fields),
        (("limits", "maxDeactivations"), str(policy.limits.deactivations)),
        (("limits", "maxDisassociations"), str(policy.limits.disassociations)),
        (("limits", "maxPasswordSends"), str(policy.limits.password_sends)),
    ):
        owner = project.spec
        for part in path[:-1]:
            owner = owner.get(part, {})
        origin = _first((str(project.place(*path)), path[-1] in owner))
        yield Setting(name=".".join(path), value=value, origin=origin)


def _first(*candidates: tuple[str, bool]) -> str:
    return next((origin for origin, holds in candidates if holds), _DEFAULT)


def _is_set(environment: Mapping[str, str], variable: str) -> bool:
    return bool(variable) and bool(environment.get(variable, "").strip())


def _shown(value: object) -> str:
    """Return a value as it may be shown: a password source says where the password is, never what."""
    if value in (None, "", ()):
        return "(none)"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
