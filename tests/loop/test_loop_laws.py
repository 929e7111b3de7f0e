"""
The laws, tried on random contact centres, servers, faults, kills and other people's edits.

It converges to an empty plan; no duplicate ever; what nobody declares never changes; nothing recorded is false.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.errors import ReconcilerError, StaleError
from reconciler.model.outcome import ApplyReport, Result
from reconciler.simulator.behaviour import PLAIN
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.variants import VARIANTS
from tests.loop.centre import Centre, KilledError
from tests.loop.sites import RENAMED, Site, sites
from tests.loop.truth import differences, everything_of, false_records

RUNS_TO_CONVERGE = 4

METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "*"])
FAULTS = st.sampled_from(
    (
        *("drop-before", "drop-after", "500-before", "500-after", "503-before", "503-after", "429", "429:1"),
        *("html-before", "html-after", "truncated", "refuse", "401", "403", "expire"),
    )
)
WHICH = st.sampled_from([":1", ":2", ":3", ":1-2", ":2-4", ":5"])


@st.composite
def fault_rules(draw: st.DrawFn) -> str:
    """Draw one to three faults that end: a server that never works again is nothing to converge on."""
    count = draw(st.integers(1, 3))
    return ";".join(f"{draw(METHODS)} /management/*{draw(WHICH)}={draw(FAULTS)}" for _ in range(count))


class Loop(RuleBasedStateMachine):
    """A repository, a tenant and the people around them."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.centre = Centre(folder=Path(self._folder.name), behaviour=PLAIN)
        self.site: Site | None = None
        self.edits = 0

    def teardown(self) -> None:
        """Converge once more, whatever happened, and clean up."""
        if self.site is not None:
            self._converge()
        self._folder.cleanup()

    @initialize(variant=st.sampled_from(sorted(VARIANTS)), adopted=sites(), site=sites())
    def begin(self, variant: str, adopted: Site, site: Site) -> None:
        """Start with a tenant of that behaviour, some of whose objects exist, and one that nobody declares."""
        self.centre = Centre(folder=Path(self._folder.name), behaviour=VARIANTS[variant])
        with self.centre.service.edit() as world:
            for item in adopted.objects.values():
                if item.address.name in RENAMED:
                    continue
                if item.address.kind == "List":
                    world.add("lists", ListName=item.natural_key, Description="from before")
                elif item.address.kind == "Campaign":
                    world.add("campaigns", CampaignName=item.natural_key, Type=0, Status=1)
            self.stranger = world.add("lists", ListName="nobody's", Description="theirs", FetchWeight=7)
            self.before = everything_of(world, "List", self.stranger)
        self.site = site

    @rule(site=sites())
    def change_git(self, site: Site) -> None:
        """Somebody merges a change: anything may come, go or differ."""
        self.site = site

    @precondition(lambda self: self.site is not None)
    @rule(data=st.data(), text=st.sampled_from(["edited", ""]), status=st.sampled_from([0, 1, 2]))
    def edit_on_the_floor(self, data: st.DataObject, text: str, status: int) -> None:
        """A manager edits a campaign in the portal."""
        with self.centre.service.edit() as world:
            campaigns = sorted(world.objects[next(kind for kind in world.objects if kind == "campaigns")])
            if campaigns:
                chosen = data.draw(st.sampled_from(campaigns))
                world.edit("campaigns", chosen, Description=text, Status=status)

    @precondition(lambda self: self.site is not None)
    @rule(faults=fault_rules(), parallelism=st.sampled_from([1, 3]))
    def apply_through_faults(self, faults: str, parallelism: int) -> None:
        """An apply meets faults: it may fail, never do harm."""
        assert self.site is not None
        with suppress(ReconcilerError):
            self.centre.run(self.site.desired, faults=parse_faults(faults), parallelism=parallelism)

    @precondition(lambda self: self.site is not None)
    @rule(moments=st.integers(0, 60), faults=st.one_of(st.none(), fault_rules()))
    def apply_and_be_killed(self, moments: int, faults: str | None) -> None:
        """An apply dies before or after any request or ledger write."""
        assert self.site is not None
        plan = self.centre.plan(self.site.desired)
        self.centre.life.left = moments
        self.centre.service.faults = parse_faults(faults or "")
        try:
            with suppress(KilledError, ReconcilerError):
                self.centre.apply(plan)
        finally:
            self.centre.life.left = None
            self.centre.service.faults = parse_faults("")

    @precondition(lambda self: self.site is not None)
    @rule(status=st.sampled_from([0, 1, 2]))
    def apply_a_plan_that_others_overtook(self, status: int) -> None:
        """Somebody edits between plan and apply: nothing is sent, or nothing that they touched is touched."""
        assert self.site is not None
        plan = self.centre.plan(self.site.desired)
        touched = [step for step in plan.steps if step.kind == "Campaign" and step.object_id is not None]
        if not touched or touched[0].object_id is None:
            return
        with self.centre.service.edit() as world:
            self.edits += 1
            world.edit("campaigns", touched[0].object_id, CallerId=f"+44 {self.edits}", Status=status)
        self.centre.writes()
        try:
            self.centre.apply(plan)
        except StaleError:
            assert self.centre.writes() == []
        else:
            raise AssertionError("a plan was applied although what it touches had moved")

    @precondition(lambda self: self.site is not None)
    @rule()
    def converge(self) -> None:
        """Without faults, a few runs bring it home."""
        self._converge()

    def _converge(self) -> None:
        assert self.site is not None
        desired = self.site.desired
        report = None
        for _ in range(RUNS_TO_CONVERGE):
            plan = self.centre.plan(desired)
            if not plan.has_changes and not plan.bookkeeping:
                break
            report = self.centre.apply(plan)
        plan = self.centre.plan(desired)
        assert not plan.steps, ([step.id for step in plan.steps], _failures(report))
        assert not plan.has_changes, plan.releases
        world = self.centre.service.world
        ledger = self.centre.store.load()
        wrong = list(differences(desired, world))
        assert not wrong, wrong
        lies = list(false_records(ledger, world))
        assert not lies, lies
        assert not ledger.intents, ledger.intents

    @invariant()
    def strangers_are_left_alone(self) -> None:
        """What nobody declares is as it was."""
        if self.site is not None:
            world = self.centre.service.world
            assert everything_of(world, "List", self.stranger) == self.before


def _failures(report: ApplyReport | None) -> list[tuple[str, str]]:
    outcomes = report.outcomes if report is not None else ()
    return [(item.step, item.detail) for item in outcomes if item.result is not Result.DONE]


TestLoop = Loop.TestCase
TestLoop.settings = settings(settings(), stateful_step_count=8)
