"""
Look at everything that a run rests on, in the order in which it would need it, and change nothing.

Settings, then the way to the server (url, TLS, login), what came back (token, format, clock), what may be read, and the
ledger. What can't be looked at because something before it failed is left out: one cause, one finding.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.utils import parsedate_to_datetime
from pathlib import Path

from reconciler.api.client import Client, Signs
from reconciler.api.connection import Connection, open_client
from reconciler.cli.embedded import connect_service
from reconciler.cli.manifests import overrides_of
from reconciler.cli.session import Session
from reconciler.config.load import load_origins, load_settings
from reconciler.config.passwords import resolve_password
from reconciler.config.settings import Settings, Target
from reconciler.errors import ConfigurationError, LoginError, ReconcilerError, SecretError, TargetError
from reconciler.kinds.registry import KINDS
from reconciler.model.checkup import Checkup, Finding, Health, Setting
from reconciler.render.wording import counted
from reconciler.simulator.service import Service
from reconciler.simulator.snapshot import read_world
from reconciler.state.store import Store, open_store

CLOCK_TOLERANCE = 60.0  # seconds
SHORT_LIFE = 120.0  # seconds
CERTIFICATE_NOTICE = 21 * 86400.0  # seconds

Findings = Iterator[Finding]


def examine(session: Session, directory: str, *, timeout: float) -> Checkup:
    """Return what was found; raises nothing that a finding can say."""
    overrides = overrides_of(session)
    settings: Settings | None = None
    origins: tuple[Setting, ...] = ()
    findings: list[Finding] = []
    try:
        origins = load_origins(directory, environment=os.environ, overrides=overrides)
        settings = load_settings(directory, environment=os.environ, overrides=overrides)
        target = settings.connection()
    except ConfigurationError as error:
        findings += _unusable(error)
        name = settings.target.name if settings is not None and settings.target is not None else ""
        return Checkup(target=name, findings=tuple(findings), settings=origins)
    findings.append(Finding(check="settings", health=Health.OK, detail=f"the target is {target.name}, {target.url}"))
    findings += _server(settings, target, timeout=timeout)
    findings += _ledger(target)
    return Checkup(target=target.name, findings=tuple(findings), settings=origins)


def _unusable(error: ConfigurationError) -> Findings:
    if not error.problems:
        yield _failed("settings", error)
    for problem in error.problems:
        what = problem.message if not problem.expected else f"{problem.message}; expected {problem.expected}"
        detail = f"{problem.place} {problem.path}".rstrip() + f": {what}"
        yield Finding(check="settings", health=Health.FAILURE, detail=detail, advice=problem.advice)


def _server(settings: Settings, target: Target, *, timeout: float) -> Findings:
    try:
        connected = _connect(settings, target, timeout=timeout)
    except SecretError as error:
        yield _failed("password", error)
        return
    except ReconcilerError as error:
        yield _failed("url", error)
        return
    with connected as client:
        try:
            client.login()
        except LoginError as error:
            yield from _reached(target, client)
            yield _failed("login", error)
            return
        except ReconcilerError as error:
            yield _failed("TLS" if "certificate" in error.message else "url", error)
            return
        yield from _reached(target, client)
        yield Finding(check="login", health=Health.OK, detail=f"{target.login or 'the simulator'} was let in")
        yield from _token(client)
        for spec in KINDS:
            yield _readable(spec.plural, lambda path=spec.path: len(client.read_all(path)))  # type: ignore[misc]
        signs = client.signs
        if signs is not None:
            yield _format(signs)
            yield _clock(signs)


def _connect(settings: Settings, target: Target, *, timeout: float) -> AbstractContextManager[Client]:
    """Open a client that leaves nothing behind: no cached token, and a simulator's data are looked at in a copy."""
    if target.is_simulator:
        data = Path(target.state).with_name(f"{Path(target.state).stem}.simulator.json")
        try:
            world = read_world(json.loads(data.read_text(encoding="utf-8"))) if data.is_file() else None
        except (OSError, ValueError, RecursionError):
            raise ReconcilerError(
                f"{data} does not hold the simulator's data", hint="move it away to start with an empty contact centre"
            ) from None
        return connect_service(Service(world=world), timeout=timeout)
    assert target.password is not None
    password = resolve_password(target.password, environment=os.environ, directory=settings.directory)
    return open_client(Connection(url=target.url, login=target.login, password=password, timeout=timeout))


def _reached(target: Target, client: Client) -> Findings:
    """Say how the server was reached; nothing when it was not, since the login says why."""
    signs = client.signs
    if target.is_simulator:
        yield Finding(check="url", health=Health.OK, detail="the embedded simulator, without a network")
    elif signs is not None:
        yield Finding(check="url", health=Health.OK, detail=f"{target.url} answers")
        yield _tls(target, signs)


def _tls(target: Target, signs: Signs) -> Finding:
    if not target.url.startswith("https://"):
        return Finding(check="TLS", health=Health.OK, detail="none: plain http, to this machine only")
    detail = f"{signs.tls or 'TLS'}, the certificate is trusted"
    if not signs.certificate_until:
        return Finding(check="TLS", health=Health.OK, detail=detail)
    left = ssl.cert_time_to_seconds(signs.certificate_until) - time.time()
    detail += f" until {signs.certificate_until}"
    if left > CERTIFICATE_NOTICE:
        return Finding(check="TLS", health=Health.OK, detail=detail)
    return Finding(
        check="TLS", health=Health.WARNING, detail=detail, advice="ask the server's operator to renew it in time"
    )


def _token(client: Client) -> Findings:
    signs = client.signs
    if signs is None or signs.token_expires is None:
        return
    life = signs.token_expires - signs.clock
    if not signs.expiry_is_told:
        detail = f"the answer doesn't say when the token expires; {life / 60:.0f} minutes are assumed"
        yield Finding(check="token", health=Health.OK, detail=detail)
    elif life < SHORT_LIFE:
        detail = f"it expires in {life:.0f} seconds"
        yield Finding(
            check="token",
            health=Health.WARNING,
            detail=detail,
            advice="a long apply logs in again and again: have the token's life raised, and check the clock",
        )
    else:
        yield Finding(check="token", health=Health.OK, detail=f"it expires in {life / 60:.0f} minutes")


def _readable(plural: str, count: Callable[[], int]) -> Finding:
    try:
        found = count()
    except TargetError as error:
        advice = error.hint or "give the account's role the API permissions to read them"
        return Finding(check=plural, health=Health.FAILURE, detail=error.message, advice=advice)
    if found:
        return Finding(check=plural, health=Health.OK, detail=f"{found:,} can be read")
    return Finding(
        check=plural,
        health=Health.OK,
        detail="none came back; if the portal shows some, the account's role may not see them",
    )


def _format(signs: Signs) -> Finding:
    if signs.form == "JSON":
        return Finding(check="format", health=Health.OK, detail="the server answers in JSON, as asked")
    return Finding(
        check="format",
        health=Health.WARNING,
        detail=f"the server answers in {signs.form} although JSON was asked for; it is understood",
        advice="check what stands between here and the server: a proxy that drops Accept or Content-Type",
    )


def _clock(signs: Signs) -> Finding:
    try:
        server = parsedate_to_datetime(signs.server_date).timestamp()
    except (ValueError, TypeError):
        return Finding(check="clock", health=Health.OK, detail="the server doesn't tell its time")
    skew = signs.clock - server
    detail = f"this machine's clock is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} the server's"
    if abs(skew) <= CLOCK_TOLERANCE:
        return Finding(check="clock", health=Health.OK, detail=detail if abs(skew) > 2 else "as the server's")
    advice = "set this machine's clock: tokens may be taken for expired, and the ledger's times are wrong"
    return Finding(check="clock", health=Health.WARNING, detail=detail, advice=advice)


def _ledger(target: Target) -> Findings:
    try:
        store = open_store(target.state)
        ledger = store.load(target=target.name, url=target.url)
    except ReconcilerError as error:
        yield _failed("ledger", error)
        return
    for warning in store.warnings:
        yield Finding(
            check="ledger", health=Health.WARNING, detail=warning, advice="the next apply settles it; plan first"
        )
    if ledger.serial:
        known = counted(len(ledger.objects), "object")
        detail = f"{store.name}: {known} and {counted(len(ledger.links), 'association')}, serial {ledger.serial}"
    else:
        detail = f"{store.name}: none yet; the first apply makes it"
    yield Finding(check="ledger", health=Health.OK, detail=detail)
    if "://" not in target.state:
        yield from _writable(Path(target.state))
    if ledger.emergency is not None and ledger.emergency.enabled:
        detail = f"frozen: {ledger.emergency.by} enabled the global emergency at {ledger.emergency.at}"
        yield Finding(check="emergency", health=Health.WARNING, detail=detail, advice="reconciler emergency disable")
    yield from _lock(store)


def _writable(path: Path) -> Findings:
    folder = next((each for each in path.parents if each.exists()), path.parent)
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK)):
        yield Finding(
            check="ledger",
            health=Health.FAILURE,
            detail=f"{folder} can't be written to, so that no apply can record what it did",
            advice="make it writable for the user who runs this, or give `state` another place",
        )


def _lock(store: Store) -> Findings:
    try:
        owner = store.owner()
    except ReconcilerError as error:
        yield _failed("lock", error)
        return
    if owner is None:
        yield Finding(check="lock", health=Health.OK, detail="nobody holds the ledger")
        return
    yield Finding(
        check="lock",
        health=Health.WARNING,
        detail=f"held by {owner}",
        advice="wait for that run; if it is gone for good, `reconciler state unlock`",
    )


def _failed(check: str, error: ReconcilerError) -> Finding:
    return Finding(check=check, health=Health.FAILURE, detail=error.message, advice=error.hint)
