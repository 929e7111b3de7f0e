"""Contact centres as ten years leave them, and the way from one to files and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.cli.export_files import LAYOUTS, arrange, write
from reconciler.config.existing import catalogs_in, declared, read_back, read_existing
from reconciler.config.settings import Settings, Target
from reconciler.config.writer import accepts
from reconciler.export import export
from reconciler.live import fetch
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory
from reconciler.model.manifest import Choice, Export
from reconciler.model.plan import Plan
from reconciler.model.policy import Policy
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.fields import ENTITIES, Field, Kind, Sort
from reconciler.simulator.service import Service
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD, World, new_world

ZONE = "Europe/London"

HOSTILE = (
    *("null", "~", "true", "No", "yes", "ON", "y", "NaN", ".inf", "=", "<<", "---", "...", "- a", "-", "?", ": b"),
    *("a: b", "#x", "a #b", "'", '"', "it's", '"quoted"', "{}", "[a, b]", "&a", "*a", "!tag", "%TAG", "@x", "`x`"),
    *("|", ">", "1", "01", "+44161", "0x1F", "0o17", "1_000", "1e3", "17:30", "2026-05-05", "2026-05-05T10:00:00Z"),
    *("3.0", ".5", " padded ", "tab\there", "two\nlines", "cr\r\nlf", "trailing\n", "\nleading", "\x07bell", "\x00"),
    *(
        "\x85",
        "\u2028",
        "Grüße → Frühling",
        "Весна",
        "春の営業",
        "عربى",
        "👩‍💻 team",
        "e\u0301",
        "é",
        "\u202egnitrever",
    ),
    *("\ufeffbom", "İ", "Spring", "spring", "SPRING", "spring ", "\u017fpring", "Ünit", "unit", "x" * 100, "ß" * 100),
    *("a\\b", "c:/d", "a,b", "campaign-1", "list-2", "reconciler", "con", "..", ".hidden", "../up", "a/b", "-", "_"),
    *("éé-", "1.", "KEY-OF-A-LIST"),
)

names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=100), st.text(st.sampled_from("aA bB-_.1é"), max_size=6))
texts = st.one_of(st.just(""), names, st.lists(names, max_size=4).map("\n".join))
numbers = st.one_of(st.just(0), st.integers(0, 12), st.integers(-2, 2**31 - 1))
moments = st.one_of(
    st.none(),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23)).map(lambda moment: moment.replace(microsecond=0)),
    st.just(datetime(1, 1, 1)),
    st.dates(datetime(2020, 1, 1).date()).map(lambda day: datetime(day.year, day.month, day.day)),
)
_DECIMALS = st.one_of(st.just(Decimal(0)), st.decimals(-1, 200, allow_nan=False, places=2))
_BY_SORT: Mapping[Sort, st.SearchStrategy[Any]] = {
    Sort.INT: numbers,
    Sort.DECIMAL: _DECIMALS,
    Sort.BOOLEAN: st.booleans(),
    Sort.STRING: texts,
    Sort.DATETIME: moments,
}
_NAMES = {Kind.CAMPAIGNS: "CampaignName", Kind.LISTS: "ListName", Kind.TEAMS: "TeamName", Kind.USERS: "Login"}


def _field(one: Field, kind: Kind) -> st.SearchStrategy[Any]:
    if one.codes:
        return st.integers(-1, len(one.codes) + 1)
    if one.refers is not None:
        return st.integers(0, 5)
    return names if one.name == _NAMES[kind] else _BY_SORT[one.sort]


def _rows(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    fields = {one.name: _field(one, kind) for one in ENTITIES[kind] if one.name not in ("Id", "TenantId", "Active")}
    required = {_NAMES[kind]: fields.pop(_NAMES[kind])}
    return st.fixed_dictionaries(required, optional={**fields, "Active": st.booleans()})


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a tenant in which anything may be called anything, and numbers may be out of every range."""
    world = new_world()
    for kind in (Kind.LISTS, Kind.TEAMS, Kind.USERS, Kind.CAMPAIGNS):
        for row in draw(st.lists(_rows(kind), max_size=4)):
            world.add(kind, **row)
    return world


@dataclass(slots=True, kw_only=True)
class Tenant:
    """A live target, and a directory that it is exported to."""

    folder: Path
    service: Service
    ledger: Ledger = field(default_factory=Ledger)
    policy: Policy = field(default_factory=lambda: Policy(timezone=ZONE))

    @property
    def settings(self) -> Settings:
        """Return the settings of a run."""
        target = Target(name="tenant", url="simulator://", state=str(self.folder / "state.json"), timezone=ZONE)
        return Settings(directory=self.folder, target=target, policy=self.policy)

    def live(self) -> LiveInventory:
        """Read the target as a run does."""
        connection = Connection(url="simulator://", login=DEFAULT_LOGIN, password=Secret(DEFAULT_PASSWORD))
        with open_client(connection, transport=CallableTransport(self.service.handle)) as client:
            return fetch(client)

    def export(self, choice: Choice | None = None) -> Export:
        """Export what was chosen, in view of what the directory has already."""
        existing = read_existing(self.folder, self.settings)
        return export(
            live=self.live(),
            ledger=self.ledger,
            policy=self.policy,
            declared=declared(existing, catalogs=catalogs_in(existing), settings=self.settings),
            choice=choice or Choice(),
            accepts=accepts,
        )

    def write(self, found: Export, *, layout: str = LAYOUTS[0], update: bool = False, force: bool = False) -> int:
        """Write an export and return how many files that took."""
        writing = arrange(
            found.manifests,
            directory=self.folder,
            layout=layout,
            existing=read_existing(self.folder, self.settings),
            update=update,
            force=force,
        )
        write(self.folder, writing.files)
        return len(writing.files)

    def plan(self) -> Plan:
        """Read the directory back and plan it."""
        desired, _ = read_back(self.folder, catalogs=(), settings=self.settings)
        return make_plan(
            desired=desired,
            live=self.live(),
            ledger=self.ledger,
            policy=self.policy,
            target="tenant",
            url="simulator://",
        )

    def texts(self) -> dict[str, str]:
        """Return every file's text, by name."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def tenant(folder: Path, world: World | None = None, behaviour: Behaviour = PLAIN) -> Tenant:
    """Return a tenant with an empty ledger."""
    return Tenant(folder=folder, service=Service(world=world or new_world(), behaviour=behaviour))
