"""Configuration directories on disk, the commands run on them, and the laws they are held to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.cli.staging import password_variables
from reconciler.config.load import load
from reconciler.model.desired import DesiredInventory
from reconciler.model.ledger import Ledger
from reconciler.simulator.fields import Kind
from reconciler.simulator.world import World
from reconciler.state.store import FileStore
from tests.loop.truth import differences, false_records, row_named
from tests.reliability.mortal import Moment
from tests.reliability.processes import ROOT, Ended, Nursery
from tests.reliability.tenants import Tenant

EXAMPLE = ROOT / "examples" / "config"

PROJECT = """\
apiVersion: maxcontact/v1
kind: Project
metadata: {name: ground}
spec:
  targets:
    tenant: {url: "http://127.0.0.1:9", login: nobody, password: {env: RECONCILER_PASSWORD}, state: state/ledger.json}
  defaultTarget: tenant
  onRemoval: deactivate
"""

FIRST = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring}
spec: {type: Predictive, status: Running, active: true, targetDropPercent: 2.5, defaultList: leads}
---
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: robot}
spec: {type: Bridge, maxLines: 12, active: true}
---
apiVersion: maxcontact/v1
kind: List
metadata: {name: leads}
spec: {fetchWeight: 5, active: true}
---
apiVersion: maxcontact/v1
kind: List
metadata: {name: spare}
spec: {description: first, active: false}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: north}
spec: {primarySupervisor: jane}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: south}
spec: {}
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: jane}
spec: {firstName: Jane, lastName: Lee, rolePlanId: 2, team: north, password: {env: AGENT_PASSWORD}}
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: sam}
spec: {firstName: Sam, lastName: Lee, rolePlanId: 2, team: south, active: true, password: {env: AGENT_PASSWORD}}
---
apiVersion: maxcontact/v1
kind: Membership
metadata: {name: spring-dialling}
spec: {campaign: spring, lists: [leads, spare], teams: [north]}
---
apiVersion: maxcontact/v1
kind: Membership
metadata: {name: french}
spec: {skill: 12, users: [{user: jane, proficiency: 8}, {user: sam, proficiency: 5}]}
"""

SECOND_EDITS = (
    ("{type: Predictive, status: Running, active: true, targetDropPercent: 2.5, ", "{type: Bridge, maxLines: 4, "),
    ("defaultList: leads}", "status: Not Running, active: true, defaultList: spare}"),
    ("{fetchWeight: 5, active: true}", "{fetchWeight: 6, listName: Leads 2026, active: true}"),
    ("{description: first, active: false}", "{description: second, active: true}"),
    ("primarySupervisor: jane", "primarySupervisor: sam"),
    ("team: south, active: true", "team: north, active: false, extension: '201'"),
    ("lists: [leads, spare], teams: [north]", "lists: [spare], teams: [south]"),
    ("[{user: jane, proficiency: 8}, {user: sam, proficiency: 5}]", "[{user: jane, proficiency: 3}]"),
)


def first_manifests() -> str:
    """Return what Git asks for at first."""
    return FIRST


def second_manifests() -> str:
    """Return what it asks for a week later: moves, a rename, removals, other values."""
    text = FIRST
    for before, after in SECOND_EDITS:
        assert before in text, before
        text = text.replace(before, after)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A configuration directory, its tenant, and what runs commands on it."""

    folder: Path
    tenant: Tenant
    nursery: Nursery
    secrets: dict[str, str] = field(default_factory=dict)
    state: str = "state/ledger.json"
    unread: tuple[str, ...] = ()
    """Fields that the world keeps in another form than Git: that the plan is empty has to do for them."""

    @property
    def ledger_file(self) -> Path:
        """Return where the ledger is."""
        return self.folder / self.state

    def variables(self) -> dict[str, str]:
        """Return the environment of a command; tokens are cached below the directory."""
        cache = {"XDG_CACHE_HOME": str(self.folder / ".cache"), "RECONCILER_STATE": str(self.ledger_file)}
        return self.tenant.variables() | cache | self.secrets

    def write(self, text: str) -> None:
        """Merge a change."""
        (self.folder / "ground.yaml").write_text(text, encoding="utf-8")

    def rewrite(self, before: str, after: str) -> None:
        """Merge a small change."""
        text = (self.folder / "ground.yaml").read_text(encoding="utf-8")
        assert before in text, before
        self.write(text.replace(before, after))

    def run(self, *words: str, moment: Moment | None = None, born: Callable[[int], None] | None = None) -> Ended:
        """Run a command line in a process of its own."""
        return self.nursery.run(self.folder, *words, variables=self.variables(), moment=moment, born=born)

    def desired(self) -> DesiredInventory:
        """Return what the directory asks for."""
        return load(self.folder, environment=self.variables()).desired

    def ledger(self) -> Ledger:
        """Return the ledger as the next run will read it."""
        return FileStore(self.ledger_file).load()

    def falsehoods(self) -> list[str]:
        """Return everything that is not as the laws have it after convergence."""
        world, ledger, desired = self.tenant.world, self.ledger(), self.desired()
        wrong = [*differences(desired, world), *other_statuses(desired, world)]
        found = [each for each in wrong if not any(f".{name} is " in each for name in self.unread)]
        found += [*duplicates(world), *false_records(ledger, world)]
        found += [f"the intent of {step} is left" for step in ledger.intents]
        # A journal that is in the ledger already may be left: every reader knows it by its id.
        store = FileStore(self.ledger_file)
        store.load()
        return [*found, *store.warnings]

    def converge(self) -> list[str]:
        """Apply once, and return what is wrong then: the apply itself, a plan that is not empty, or a falsehood."""
        applied = self.run("apply", "-y", "-q", "--allow-mass-change")
        if applied.code:
            return [f"the next apply: {applied}"]
        planned = self.run("plan", "--detailed-exitcode")
        if planned.code:
            return [f"the plan after it: {planned}"]
        return self.falsehoods()


def duplicates(world: World) -> Iterator[str]:
    """Yield every name that two objects of a kind share."""
    keys = {Kind.CAMPAIGNS: "CampaignName", Kind.LISTS: "ListName", Kind.TEAMS: "TeamName", Kind.USERS: "Login"}
    for kind, field_name in keys.items():
        names = [str(row[field_name]) for row in world.objects[kind].values()]
        yield from (
            f"{names.count(name)} {kind} are named {name}" for name in sorted(set(names)) if names.count(name) > 1
        )


def other_statuses(desired: DesiredInventory, world: World) -> Iterator[str]:
    """Yield every campaign whose status is not as Git asks: of right where nobody on the floor has moved it."""
    for address, wanted in desired.objects.items():
        row = row_named(world, wanted)
        if row is not None and "status" in wanted.fields and row["Status"] != wanted.fields["status"]:
            yield f"{address}.status is {row['Status']}, not {wanted.fields['status']}"


def small_ground(folder: Path, *, nursery: Nursery, tenant: Tenant) -> Ground:
    """Write a small directory with every kind and relation."""
    folder.mkdir(parents=True)
    (folder / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    ground = Ground(folder=folder, tenant=tenant, nursery=nursery, secrets={"AGENT_PASSWORD": "Blue-Heron-4711!"})
    ground.write(first_manifests())
    return ground


def example_ground(folder: Path, *, nursery: Nursery, tenant: Tenant) -> Ground:
    """Copy the example."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".*"))
    secrets = {name: f"Pw-{name}-1!" for name in password_variables(folder)}
    # Its dates are local times of its time zone.
    unread = ("maxCallbackDate",)
    return Ground(folder=folder, tenant=tenant, nursery=nursery, secrets=secrets, unread=unread)
