"""
A change to the example contact centre, planned for real: everything that a plan can do, in one pull request.

The example is applied to a simulated tenant; then Git changes, a person changes something in the portal, and the plan
of that is what the goldens show. Nothing in it is written by hand.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.apply import apply_plan
from reconciler.config.load import load
from reconciler.config.settings import Overrides
from reconciler.live import fetch
from reconciler.model.plan import Plan
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.faults import DroppedConnection
from reconciler.simulator.service import Service
from reconciler.state.store import Store, open_store
from tests.loop.centre import NOON, password_of

ROOT = Path(__file__).parents[2]
TARGET = "production"
NOW = "2026-06-18T09:30:00Z"
"""When the plan is looked at: seventeen days after the last apply."""

_EDITS = {
    "campaigns/renewals.yaml": [("targetDropPercent: 2.5", "targetDropPercent: 2")],
    "campaigns/spring-offer.yaml": [
        ("active: false", "active: true"),
        ("status: Not Running", "status: Running"),
        ("schedulePlanId: Weekdays 9 to 5", "schedulePlanId: Weekdays 8 to 8"),
    ],
    "campaigns/engineer-bridge.yaml": [("active: true", "active: false"), ("status: Running", "status: Not Running")],
    "campaigns/complaint-follow-up.yaml": [("type: Preview", "type: Progressive")],
    "lists/win-back.yaml": [("fetchWeight: 4", "fetchWeight: 2")],
    "users/renewals-north.yaml": [("rotation: 1", "rotation: 2"), ('extension: "205"', 'extension: "251"')],
    "memberships/campaigns.yaml": [
        ("lists: [renewals-2026q1, renewals-2026q2, renewals-welsh]", "lists: [renewals-2026q2, renewals-welsh]"),
        ("teams: [retention, service]", "teams: [retention]"),
    ],
}

_NEW = """\
apiVersion: maxcontact/v1
kind: List
metadata: {name: boiler-checks, labels: {brand: acme}}
spec:
  listName: Boiler checks before winter
  fetchWeight: 5
---
# Made in the portal last week; from now on it is Git's.
apiVersion: maxcontact/v1
kind: List
metadata: {name: no-answer-august, labels: {brand: acme}}
spec:
  listName: No answer in August
  fetchWeight: 3
---
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: boiler-checks, labels: {brand: acme, channel: outbound}}
spec:
  campaignName: Boiler checks
  description: A free check for everybody whose boiler is older than ten years
  active: true
  status: Running
  type: Predictive
  callerId: 01614960190
  targetDropPercent: 2
  defaultList: boiler-checks
---
apiVersion: maxcontact/v1
kind: Membership
metadata: {name: boiler-checks-dialling}
spec:
  campaign: boiler-checks
  lists: [boiler-checks, no-answer-august]
  teams: [renewals-south]
"""


def autumn_plan(folder: Path) -> Plan:
    """Return the plan of the change; files appear in `folder`."""
    config = folder / "config"
    shutil.copytree(ROOT / "examples/config", config, ignore=shutil.ignore_patterns(".reconciler"))
    service = Service(sleep=lambda seconds: None)
    store = open_store(str(folder / "ledger.json"))
    with _client(service) as client:
        _apply(_plan(config, client, store), client, store)
        _change_in_portal(service)
        _change_in_git(config)
        plan = _plan(config, client, store)
    # A lineage is random: what is golden can't have one.
    return replace(plan, basis=replace(plan.basis, lineage="a-lineage"))


@contextmanager
def _client(service: Service) -> Iterator[Client]:
    login, account = next(iter(service.world.accounts.items()))
    connection = Connection(url="simulator://", login=login, password=Secret(account.password), timeout=5.0)
    transport = CallableTransport(service.handle, dropped=(DroppedConnection,))
    with open_client(connection, transport=transport, sleep=lambda seconds: None) as client:
        yield client


def _plan(config: Path, client: Client, store: Store) -> Plan:
    loaded = load(config, environment={}, overrides=Overrides(target=TARGET))
    target = loaded.settings.connection()
    return make_plan(
        desired=loaded.desired,
        live=fetch(client),
        ledger=store.load(target=target.name, url=target.url),
        policy=loaded.settings.policy,
        target=target.name,
        url=target.url,
    )


def _apply(plan: Plan, client: Client, store: Store) -> None:
    with store.lock(command="apply", target=plan.target, url=plan.url) as journal:
        report = apply_plan(
            plan,
            client=client,
            journal=journal,
            passwords=password_of,
            parallelism=1,
            clock=lambda: NOON,
            stop=threading.Event(),
            sleep=lambda seconds: None,
        )
        journal.fold()
    assert report.succeeded, report


def _change_in_portal(service: Service) -> None:
    """A floor manager makes a list, pauses a campaign, and changes a weight that Git owns."""
    with service.edit() as world:
        world.add("lists", ListName="No answer in August", FetchWeight=4)
        for kind, name, fields in (
            ("campaigns", "Web chat", {"Status": 2}),
            ("lists", "Moved home", {"FetchWeight": 9}),
        ):
            (row,) = world.named(kind, name)
            identity = row["Id"]
            assert isinstance(identity, int)
            world.edit(kind, identity, **fields)


def _change_in_git(config: Path) -> None:
    for name, edits in _EDITS.items():
        text = (config / name).read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) >= 1, (name, before)
            text = text.replace(before, after, 1)
        (config / name).write_text(text, encoding="utf-8")
    lists = config / "lists/win-back.yaml"
    kept, _, _ = lists.read_text(encoding="utf-8").partition(
        "---\napiVersion: maxcontact/v1\nkind: List\nmetadata:\n  name: lapsed-2024"
    )
    lists.write_text(kept, encoding="utf-8")
    (config / "campaigns/boiler-checks.yaml").write_text(_NEW, encoding="utf-8")
