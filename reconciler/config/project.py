"""
From the project file, the environment and the command line to settings: flags beat environment, environment beats file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from reconciler.config.rules import Rule
from reconciler.config.settings import DEFAULT_PARALLELISM, SIMULATOR_SCHEME, Overrides, Settings, Target
from reconciler.config.source import Document
from reconciler.config.wording import closest, join_words, printable, show
from reconciler.model.desired import OnRemoval, PasswordMethod, PasswordSource
from reconciler.model.policy import VENDOR_LOGIN, Limit, Limits, Policy, UserTeams
from reconciler.model.problem import Place, Problem, Severity

VARIABLES = (
    "RECONCILER_URL",
    "RECONCILER_LOGIN",
    "RECONCILER_PASSWORD",
    "RECONCILER_STATE",
    "RECONCILER_TARGET",
    "RECONCILER_PARALLELISM",
)
OTHER_VARIABLES = ("RECONCILER_APPROVAL", "RECONCILER_RECORD")
"""Read elsewhere: for the change record, and by the recording of the test suite's conversations."""

ENVIRONMENT_TARGET = "default"
"""What a target without a project file is called when nobody names it."""

_PREFIX = "RECONCILER_"
_ENVIRONMENT = Place("environment")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MOST_PARALLEL = 64
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\Z")


@dataclass(slots=True, kw_only=True)
class Project:
    """The project document in parts; an empty one when there is no project file."""

    document: Document | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)

    @property
    def targets(self) -> Mapping[str, Mapping[str, Any]]:
        """The targets as they are written, by name."""
        targets: Mapping[str, Mapping[str, Any]] = self.spec.get("targets", {})
        return targets

    def overlay_folders(self) -> tuple[str, ...]:
        """Return every folder that any target names as an overlay: none of them is part of the base."""
        folders = {clean_folder(each) for target in self.targets.values() for each in target.get("overlays", ())}
        return tuple(sorted(folders))

    def place(self, *path: str) -> Place:
        """Return where a setting stands; the environment when there is no project file."""
        return self.document.place("spec", *path) if self.document is not None else _ENVIRONMENT


def clean_folder(folder: str) -> str:
    """Return a folder as file names begin with it: without `./` and a closing slash."""
    return "/".join(part for part in folder.replace("\\", "/").split("/") if part not in ("", "."))


def read_settings(
    project: Project, *, directory: Path, environment: Mapping[str, str], overrides: Overrides
) -> tuple[Settings, list[Problem]]:
    """Return the settings of a run, and what is wrong with the project, the environment or the flags."""
    problems: list[Problem] = []
    problems += _check_variables(environment)
    problems += _check_project(project)
    given = {name: value for name in VARIABLES if (value := environment.get(name, "").strip())}
    target = _target(project, given, overrides, directory, problems)
    policy = _policy(project.spec)
    if target is not None:
        policy = _for_target(policy, target)
    settings = Settings(
        directory=directory,
        target=target,
        targets=tuple(project.targets),
        parallelism=_parallelism(given, overrides, problems),
        policy=policy,
    )
    return settings, problems


def _check_variables(environment: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or name in VARIABLES or name in OTHER_VARIABLES:
            continue
        word = closest(name.removeprefix(_PREFIX), (known.removeprefix(_PREFIX) for known in VARIABLES))
        guess = _PREFIX + word if word else ""
        yield Problem(
            rule=Rule.UNKNOWN_VARIABLE,
            message=f"the variable {printable(name)} has no meaning",
            place=_ENVIRONMENT,
            advice=f"did you mean {guess}?" if guess else f"known are {join_words(VARIABLES, 'and')}",
            severity=Severity.ERROR if guess else Severity.WARNING,
        )


def _check_project(project: Project) -> Iterator[Problem]:
    for name, target in project.targets.items():
        yield from _check_url(str(target["url"]), project.place("targets", name, "url"), f"spec.targets.{name}.url")
        zone = target.get("timezone", "UTC")
        if not _is_zone(zone):
            yield Problem(
                rule=Rule.BAD_SETTING,
                message=f"`timezone` is {show(zone)}",
                place=project.place("targets", name, "timezone"),
                path=f"spec.targets.{name}.timezone",
                expected="an IANA name such as Europe/London",
                advice=f"did you mean `{guess}`?" if (guess := closest(zone, available_timezones())) else "",
            )
        for folder in target.get("overlays", ()):
            if folder.startswith(("/", "~")) or ".." in folder.split("/") or not clean_folder(folder):
                yield Problem(
                    rule=Rule.BAD_SETTING,
                    message=f"the overlay {show(folder)} is not below the configuration directory",
                    place=project.place("targets", name, "overlays"),
                    path=f"spec.targets.{name}.overlays",
                    advice="name a folder relative to the project file, such as overlays/production",
                )
    default = project.spec.get("defaultTarget")
    if default is not None and default not in project.targets:
        yield _unknown_target(default, project, project.place("defaultTarget"), "spec.defaultTarget")


def _check_url(url: str, place: Place, path: str) -> Iterator[Problem]:
    """Refuse what could send a password in clear or has one in it; the address itself is not shown then."""
    if url.startswith(SIMULATOR_SCHEME):
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    what = ""
    if parts.scheme not in ("http", "https") or not host:
        what, advice = "the url is no address", "write it like https://acme.maxcontact.com, or simulator://"
    elif "@" in parts.netloc:
        what, advice = "the url has a login in it", "use `login:` and `password:` instead"
    elif parts.query or parts.fragment:
        what, advice = "the url has a query or fragment", "leave out what follows the ? or #"
    elif parts.scheme == "http" and not is_loopback(host):
        what, advice = "plain http:// would send the password readable for anyone", "write https://"
    if what:
        yield Problem(rule=Rule.BAD_SETTING, message=what, place=place, path=path, advice=advice)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    return host in _LOOPBACK or (host.startswith("127.") and host.replace(".", "").isdigit())


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError):  # a missing zone is a ZoneInfoNotFoundError, which is a KeyError
        return False
    except KeyError:
        return False
    return True


def _unknown_target(name: str, project: Project, place: Place, path: str = "") -> Problem:
    guess = closest(name, project.targets)
    return Problem(
        rule=Rule.UNKNOWN_TARGET,
        message=f"there is no target {show(name)}",
        place=place,
        path=path,
        expected=join_words(project.targets, "or"),
        advice=f"did you mean `{guess}`?" if guess else "",
    )


def _target(
    project: Project, given: Mapping[str, str], overrides: Overrides, directory: Path, problems: list[Problem]
) -> Target | None:
    name = overrides.target or given.get("RECONCILER_TARGET") or _default_target(project)
    url = overrides.url or given.get("RECONCILER_URL", "")
    if project.targets:
        if not name:
            return None
        if name not in project.targets:
            place = Place("command line") if overrides.target else _ENVIRONMENT
            problems.append(_unknown_target(name, project, place))
            return None
    elif not url:
        return None
    name = name or ENVIRONMENT_TARGET
    if not _NAME.match(name):
        problems.append(
            Problem(
                rule=Rule.BAD_SETTING,
                message=f"the target's name is {show(name)}",
                place=Place("command line") if overrides.target else _ENVIRONMENT,
                expected="small letters, digits, `.`, `_` and `-`, starting and ending with a letter or digit",
            )
        )
        return None
    written = project.targets.get(name, {})
    if url:
        problems += _check_url(url, _ENVIRONMENT if not overrides.url else Place("command line"), "")
    password = password_source(written["password"]) if "password" in written else None
    if "RECONCILER_PASSWORD" in given:
        password = PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("RECONCILER_PASSWORD",))
    zone = written.get("timezone", "UTC")
    return Target(
        name=name,
        url=url or written["url"],
        state=_state(overrides.state or given.get("RECONCILER_STATE"), written.get("state"), directory, name),
        login=overrides.login or given.get("RECONCILER_LOGIN") or written.get("login", ""),
        password=password,
        overlays=tuple(clean_folder(each) for each in written.get("overlays", ())),
        timezone=zone if _is_zone(zone) else "UTC",
        user_teams=UserTeams(written.get("userTeams", UserTeams.AUTO)),
    )


def _state(chosen: str | None, written: str | None, directory: Path, target: str) -> str:
    """Return where the ledger is: what a person typed starts where they are, what the project says from its folder."""
    base = Path.cwd() if chosen else directory
    state = chosen or written or f".reconciler/{target}.json"
    return state if "://" in state else str(base / Path(state).expanduser())


def _default_target(project: Project) -> str:
    default = str(project.spec.get("defaultTarget", ""))
    if default in project.targets:
        return default
    return next(iter(project.targets)) if len(project.targets) == 1 and not default else ""


def password_source(written: Mapping[str, Any]) -> PasswordSource:
    """Return a password source as a manifest writes it; the schema has seen that there is exactly one."""
    method = next(each for each in PasswordMethod if each in written)
    value = written[method]
    argument = () if method is PasswordMethod.GENERATE else tuple(value) if isinstance(value, list) else (value,)
    rotation = written.get("rotation")
    return PasswordSource(method=method, argument=argument, rotation=None if rotation is None else int(rotation))


def _policy(spec: Mapping[str, Any]) -> Policy:
    limits = spec.get("limits", {})
    standard = Limits()
    operational = dict(Policy().operational_fields)
    operational |= {kind: frozenset(fields) for kind, fields in spec.get("operationalFields", {}).items()}
    return Policy(
        on_removal=OnRemoval(spec.get("onRemoval", OnRemoval.KEEP)),
        protected_logins=frozenset({VENDOR_LOGIN, *spec.get("protectedLogins", ())}),
        operational_fields=operational,
        limits=Limits(
            deactivations=_limit(limits.get("maxDeactivations"), standard.deactivations),
            disassociations=_limit(limits.get("maxDisassociations"), standard.disassociations),
            password_sends=int(limits.get("maxPasswordSends", standard.password_sends)),
        ),
    )


def _for_target(policy: Policy, target: Target) -> Policy:
    return Policy(
        on_removal=policy.on_removal,
        protected_logins=policy.protected_logins,
        operational_fields=policy.operational_fields,
        limits=policy.limits,
        user_teams=target.user_teams,
        timezone=target.timezone,
    )


def _limit(written: Any, standard: Limit) -> Limit:
    if written is None:
        return standard
    if isinstance(written, str):
        return Limit(amount=int(written.removesuffix("%")), percent=True)
    return Limit(amount=int(written))


def _parallelism(given: Mapping[str, str], overrides: Overrides, problems: list[Problem]) -> int:
    text = given.get("RECONCILER_PARALLELISM", str(DEFAULT_PARALLELISM))
    number = overrides.parallelism
    if number is None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= _MOST_PARALLEL:
        shown = text if overrides.parallelism is None else str(number)
        problems.append(
            Problem(
                rule=Rule.BAD_SETTING,
                message=f"RECONCILER_PARALLELISM or --parallelism is {show(shown)}",
                place=_ENVIRONMENT if overrides.parallelism is None else Place("command line"),
                expected=f"a whole number from 1 to {_MOST_PARALLEL}",
            )
        )
        return DEFAULT_PARALLELISM
    return number
