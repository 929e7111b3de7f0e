"""The law of an export: what it writes is valid, and plans to nothing but adoption; on every server, with any name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.export_files import LAYOUTS
from reconciler.model.address import Address
from reconciler.model.manifest import Choice, Export
from reconciler.model.plan import Action
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.variants import HARSH, VARIANTS
from reconciler.simulator.world import World
from tests.export.tenants import tenant, worlds

KINDS = ("Campaign", "List", "Team", "User")
SERVERS = st.sampled_from([*VARIANTS.values(), *HARSH.values()])


def documents(found: Export) -> set[Address]:
    """Return the addresses of everything that is no stub."""
    return {manifest.address for manifest in found.manifests if not manifest.stub}


@given(world=worlds(), behaviour=SERVERS, layout=st.sampled_from(LAYOUTS), status=st.booleans())
def test_an_export_plans_to_adoption_only(world: World, behaviour: Behaviour, layout: str, status: bool) -> None:
    """A random tenant, exported, read back and planned with an empty ledger: every object adopted, nothing changed."""
    with tempfile.TemporaryDirectory() as folder:
        site = tenant(Path(folder), world, behaviour)
        found = site.export(Choice(status=status))
        site.write(found, layout=layout)
        if not documents(found):
            return
        plan = site.plan()
        assert {step.action for step in plan.steps} == {Action.ADOPT}, [step.id for step in plan.steps]
        assert not plan.objections
        assert {step.address for step in plan.steps} == documents(found)
        shown = [each for each in site.live() if each.natural_key.casefold() != "maxsupport"]
        assert len(plan.steps) == len(shown)


@given(world=worlds(), behaviour=SERVERS, layout=st.sampled_from(LAYOUTS))
def test_a_second_export_writes_the_same_bytes(world: World, behaviour: Behaviour, layout: str) -> None:
    """Elsewhere, and over itself, nothing differs; nor is anything left to add."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        here, there = tenant(Path(first), world, behaviour), tenant(Path(second), world, behaviour)
        here.write(here.export(), layout=layout)
        there.write(there.export(), layout=layout)
        before = here.texts()
        assert before == there.texts()
        assert here.write(here.export(), layout=layout) == 0
        assert here.write(here.export(Choice(only_new=True)), layout=layout, update=True) == 0
        assert here.texts() == before


@given(world=worlds(), data=st.data())
def test_a_filter_changes_no_name(world: World, data: st.DataObject) -> None:
    """What an object is called does not depend on what else is exported."""
    with tempfile.TemporaryDirectory() as folder:
        site = tenant(Path(folder), world)
        everything = documents(site.export())
        kind = data.draw(st.sampled_from(KINDS))
        assert documents(site.export(Choice(kinds=frozenset({kind})))) == {
            address for address in everything if address.kind == kind
        }


@given(world=worlds(), kinds=st.sets(st.sampled_from(KINDS), min_size=1))
def test_a_part_and_then_the_rest_is_a_whole(world: World, kinds: set[str]) -> None:
    """Exported in two goes, the second with what is new only: valid, and nothing but adoption."""
    with tempfile.TemporaryDirectory() as folder:
        site = tenant(Path(folder), world)
        everything = documents(site.export())
        part = site.export(Choice(kinds=frozenset(kinds)))
        site.write(part)
        rest = site.export(Choice(only_new=True))
        site.write(rest, update=True)
        assert documents(part) | documents(rest) == everything
        if everything:
            assert {step.action for step in site.plan().steps} == {Action.ADOPT}
