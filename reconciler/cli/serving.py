"""Compose a simulator to serve, and fill it through the real plan and apply."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.apply import apply_plan
from reconciler.cli.embedded import connect_service
from reconciler.cli.manifests import read_manifests
from reconciler.cli.session import Session
from reconciler.config.passwords import resolve_password
from reconciler.errors import ReconcilerError, UsageError
from reconciler.live import fetch
from reconciler.model.desired import PasswordMethod, PasswordSource
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.render.apply_text import apply_text
from reconciler.simulator.app import serve
from reconciler.simulator.behaviour import parameters, parse_behaviour
from reconciler.simulator.faults import Faults, parse_faults
from reconciler.simulator.service import Service
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD, Account
from reconciler.state.store import open_store

__all__ = ["account", "describe_behaviours", "invitation", "make_service", "seed", "serve"]


def account(login: str | None, password: str | None) -> tuple[str, str] | None:
    """Return the account that was asked for, or None for the built-in one; raises UsageError for half of one."""
    if login is None and password is None:
        return None
    if not login or not password:
        raise UsageError("--login and --password go together", hint="give both, or neither for the built-in account")
    return login, password


def invitation(given: tuple[str, str] | None) -> str:
    """Return how to log in; a password of the user's own is not shown."""
    if given is None:
        return f"log in as {DEFAULT_LOGIN} with the password {DEFAULT_PASSWORD}; end with Ctrl-C"
    return f"log in as {given[0]} with the password you gave; end with Ctrl-C"


def describe_behaviours() -> str:
    """List every behaviour as `name=value|value`, its default and what it stands for."""
    lines = []
    for one in parameters():
        lines.append(f"{one.name}={'|'.join(one.values)}")
        lines.append(f"    {one.meaning} [default: {one.default}]")
    return "\n".join(lines)


def make_service(
    *, data: Path | None, behaviours: Sequence[str], faults: Sequence[str], account: tuple[str, str] | None
) -> Service:
    """Return a simulator; raises UsageError for a behaviour or fault there isn't."""
    service = Service(behaviour=parse_behaviour(behaviours), data=data)
    service.faults = parse_faults(faults)
    if account is not None:
        login, password = account
        with service.edit() as world:
            world.accounts = {login: Account(password)}
            world.changed()
    return service


def seed(session: Session, service: Service, *, directory: str) -> None:
    """
    Bring the simulator to what a configuration directory says, through the real plan and apply.

    Passwords of users are made up, so that a seed needs no secrets, and its ledger is thrown away: what comes up is a
    tenant that nobody has managed yet. Faults wait until it is done. Raises what planning and applying raise, and
    ReconcilerError when a step failed.
    """
    faults, service.faults = service.faults, Faults()
    loaded = read_manifests(session, directory)
    policy = replace(loaded.settings.policy, allow_mass_change=True)
    with (
        tempfile.TemporaryDirectory(prefix="reconciler-seed-") as folder,
        connect_service(service, timeout=60) as client,
        open_store(Path(folder) / "ledger.json").lock(command="simulator --seed") as journal,
    ):
        live = fetch(client)
        plan = make_plan(
            desired=loaded.desired, live=live, ledger=journal.ledger, policy=policy, target="seed", url="simulator://"
        )
        report = apply_plan(plan, client=client, journal=journal, passwords=_made_up)
    if not report.succeeded:
        raise ReconcilerError(f"the simulator could not be seeded from {directory}\n{apply_text(report, plan=plan)}")
    service.clear_log()
    service.faults = faults
    session.screen.say(f"seeded from {directory}: {len(plan.steps)} steps")


def _made_up(_: PasswordSource) -> Secret:
    return resolve_password(PasswordSource(method=PasswordMethod.GENERATE), environment={}, directory=Path())
