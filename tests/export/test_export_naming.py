"""What live objects are called in Git: readable, unique, and for good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given

from reconciler.exporting.naming import transliterate
from reconciler.model.address import Address
from reconciler.model.ledger import LedgerObject
from tests.export.tenants import Tenant, names, tenant

NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


def called(site: Tenant) -> list[str]:
    """Return the names of all exported campaigns, in the order of their Ids."""
    by_key = {each.natural_key: each.id for each in site.live() if each.kind == "Campaign"}
    found = {}
    for manifest in site.export().manifests:
        if manifest.address.kind == "Campaign":
            keys = [entry.value for entry in manifest.spec if entry.name == "campaignName"] or [manifest.address.name]
            found[manifest.id or by_key[str(keys[0])]] = manifest.address.name
    return [found[number] for number in sorted(found)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Spring Renewals (2026/Q2)", "spring-renewals-2026-q2"),
        ("Grüße & Küsse", "grusse-kusse"),
        ("Łódź Ærø Þing", "lodz-aero-thing"),
        ("Весна", "vesna"),
        ("Ελλάδα", "ellada"),
        ("jane.doe@acme.com", "jane.doe-acme.com"),
        ("--x--", "x"),
        ("a..b", "a.b"),
        ("春", ""),
        ("...", ""),
    ],
)
def test_names_can_be_read_aloud(text: str, name: str) -> None:
    """Letters of other alphabets become Latin ones, everything else a dash."""
    assert transliterate(text) == name


@given(text=names)
def test_every_name_is_a_valid_key(text: str) -> None:
    """Or there is none, and the Id makes one."""
    name = transliterate(text)
    assert name == "" or (NAME.fullmatch(name) and len(name) <= 100)


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (["Spring", "spring", "SPRING"], ["spring", "spring-2", "spring-3"]),
        (["Same", "Same"], ["same", "same-2"]),
        (["A b", "A-b", "a-b-2"], ["a-b", "a-b-2", "a-b-2-3"]),
        (["春", "夏"], ["campaign-1", "campaign-2"]),
        (["x" * 100, "x" * 99 + "y"], ["x" * 100, "x" * 99 + "y"]),
        (["x" * 120 + "1", "x" * 120 + "2"], ["x" * 100, "x" * 100 + "-2"]),
    ],
)
def test_collisions_get_their_id(live: list[str], expected: list[str], tmp_path: Path) -> None:
    """The oldest keeps the plain name."""
    site = tenant(tmp_path)
    with site.service.edit() as world:
        for name in live:
            world.add("campaigns", CampaignName=name)
    assert called(site) == expected


def test_a_name_outlives_what_comes_before_it(tmp_path: Path) -> None:
    """Once in Git, a name stays, though an object with a smaller Id or a better claim turned up."""
    site = tenant(tmp_path)
    with site.service.edit() as world:
        world.add("campaigns", Id=5, CampaignName="Spring")
    site.write(site.export())
    with site.service.edit() as world:
        world.add("campaigns", Id=3, CampaignName="spring")
    assert called(site) == ["spring-3", "spring"]


def test_the_ledger_names_first(tmp_path: Path) -> None:
    """What this tool manages already keeps the name that it has there, whatever the target calls it by now."""
    site = tenant(tmp_path)
    with site.service.edit() as world:
        world.add("campaigns", CampaignName="Renamed in the portal")
    site.ledger.objects[Address("Campaign", "our-name")] = LedgerObject(id=1, natural_key="Before")
    assert called(site) == ["our-name"]
