"""From documents to what Git desires: canonical values, references, memberships, overlays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.config.load import Loaded, load
from reconciler.config.settings import Overrides
from reconciler.model.address import Address, Reference
from reconciler.model.desired import (
    DesiredMembership,
    DesiredObject,
    Lifecycle,
    Member,
    Mode,
    OnRemoval,
    PasswordMethod,
    PasswordSource,
)
from reconciler.model.problem import Problem

Read = Callable[..., Loaded]
Write = Callable[[Mapping[str, str | bytes]], Path]
Problems = Callable[..., tuple[Problem, ...]]

HEAD = "apiVersion: maxcontact/v1\n"
PROJECT = """apiVersion: maxcontact/v1
kind: Project
metadata: {name: acme}
spec:
  targets:
    live: {url: "simulator://", timezone: Europe/London, overlays: [overlays/live]}
    staging: {url: "simulator://", overlays: [./overlays/staging/]}
    plain: {url: "simulator://"}
  defaultTarget: live
"""
EXAMPLE = Path(__file__).parents[2] / "examples" / "config"


def document(kind: str, name: str, body: str = "") -> str:
    """Return a manifest."""
    return f"{HEAD}kind: {kind}\nmetadata: {{name: {name}}}\n{body}\n---\n"


def only(loaded: Loaded) -> DesiredObject:
    """Return the one object that is desired."""
    (desired,) = loaded.desired.objects.values()
    return desired


CAMPAIGN = """# yaml-language-server: $schema=../schemas/manifest.schema.json
apiVersion: maxcontact/v1
kind: Campaign
metadata:
  name: spring
  id: 42
  labels: {brand: acme}
lifecycle:
  protect: true
  ignoreChanges: [callerId]
  operational: [status, type]
  onRemoval: deactivate
spec:
  active: false
  callerId: +441614960000
  type: Predictive
  degradeToProgressive: true
  progressiveThreshold: 6
  targetDropPercent: 2.50
  hoursPerWorkingDay: 8
  defaultList: renewals
  defaultPhoneType: Home
  schedulePlanId: 17:30
  teleParamPlanId: 3.0
  zipTone: Beep
  zipToneBeep: HiLo
  status: Not Running
"""
CAMPAIGN_FIELDS = {
    "campaignName": "spring",
    "callerId": "+441614960000",
    "type": 0,
    "degradeToProgressive": True,
    "progressiveThreshold": 6,
    "targetDropPercent": Decimal("2.5"),
    "hoursPerWorkingDay": Decimal(8),
    "defaultList": Reference(kind="List", key="renewals"),
    "defaultPhoneType": 1,
    "schedulePlanId": 4,
    "teleParamPlanId": 3,
    "zipTone": 0,
    "zipToneBeep": 2,
    "status": 0,
}


def test_a_whole_campaign(read: Read) -> None:
    """Every part of a document arrives in its type: codes as numbers, decimals exact, references by key."""
    loaded = read(
        {
            "campaigns/spring.yaml": CAMPAIGN,
            "lists/a.yaml": document("List", "renewals"),
            "catalog.yaml": document("Catalog", "c", "spec: {schedulePlans: {17:30: 4}, phoneTypes: {Home: 1}}"),
        }
    )
    assert loaded.warnings == ()
    desired = loaded.desired.objects[Address("Campaign", "spring")]
    assert dict(desired.fields) == CAMPAIGN_FIELDS
    assert type(desired.fields["teleParamPlanId"]) is int
    assert (desired.natural_key, desired.remote_id, desired.active) == ("spring", 42, False)
    assert desired.labels == {"brand": "acme"}
    assert str(desired.place) == "campaigns/spring.yaml:2"
    assert desired.lifecycle == Lifecycle(
        protect=True,
        ignore_changes=frozenset({"callerId"}),
        operational=frozenset({"status", "type"}),
        on_removal=OnRemoval.DEACTIVATE,
    )


def test_absent_is_not_managed(read: Read) -> None:
    """A document without a spec desires nothing but its name."""
    desired = only(read({"a.yaml": document("Team", "north")}))
    assert desired.fields == {"teamName": "north"}
    assert (desired.active, desired.password, desired.remote_id) == (None, None, None)
    assert desired.lifecycle == Lifecycle()
    assert desired.lifecycle.operational is None


def test_an_empty_list_of_operational_fields_is_not_an_absent_one(read: Read) -> None:
    """`operational: []` enforces everything; leaving it out follows the project."""
    desired = only(read({"a.yaml": document("Team", "north", "lifecycle: {operational: []}")}))
    assert desired.lifecycle.operational == frozenset()


@pytest.mark.parametrize(
    ("kind", "field", "written", "value"),
    [
        ("Campaign", "type", "6", 6),
        ("Campaign", "type", "99", 99),
        ("Campaign", "zipTone", "None", 2),
        ("Campaign", "zipTone", "Wav File", 1),
        ("Campaign", "status", "Flushed", 3),
        ("Campaign", "callerId", "01614960000", "01614960000"),
        ("Campaign", "callerId", "441614960000", "441614960000"),
        ("Campaign", "description", "NO", "NO"),
        ("Campaign", "description", "''", ""),
        ("Campaign", "defaultList", "{id: 17}", Reference(kind="List", id=17)),
        ("Campaign", "defaultList", "{id: 0}", Reference(kind="List", id=0)),
        ("Campaign", "defaultList", "{name: Legacy list}", Reference(kind="List", name="Legacy list")),
        ("Campaign", "targetDropPercent", "0", Decimal(0)),
        ("Campaign", "targetDropPercent", "100", Decimal(100)),
        ("List", "listType", "Follow Campaign", 0),
        ("List", "fetchWeight", "10", 10),
        ("List", "maxCallbackDate", "2026-12-31", "2026-12-31T00:00:00Z"),
        ("List", "maxCallbackDate", "2026-07-01T17:30:00", "2026-07-01T16:30:00Z"),
        ("List", "maxCallbackDate", "2026-07-01T17:30:00Z", "2026-07-01T17:30:00Z"),
        ("List", "maxCallbackDate", "2026-07-01T17:30:00+02:00", "2026-07-01T15:30:00Z"),
        ("Team", "primarySupervisor", "{name: jane}", Reference(kind="User", name="jane")),
        ("User", "extension", "0042", "0042"),
        ("User", "extension", "2042", "2042"),
        ("User", "team", "{id: 3}", Reference(kind="Team", id=3)),
        ("User", "rolePlanId", "2", 2),
    ],
)
def test_a_value_has_its_canonical_form(read: Read, kind: str, field: str, written: str, value: object) -> None:
    """Codes are numbers, dates are UTC instants read in the target's zone, phone numbers keep every digit."""
    project = PROJECT.replace("overlays: [overlays/live]", "login: x")
    loaded = read({"reconciler.yaml": project, "a.yaml": document(kind, "a", f"spec: {{{field}: {written}}}")})
    found = only(loaded).fields[field]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("{env: A_B}", PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("A_B",))),
        ("{file: /run/x}", PasswordSource(method=PasswordMethod.FILE, argument=("/run/x",))),
        ("{command: [op, read]}", PasswordSource(method=PasswordMethod.COMMAND, argument=("op", "read"))),
        ("{generate: true}", PasswordSource(method=PasswordMethod.GENERATE)),
        ("{env: A, rotation: 2}", PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("A",), rotation=2)),
    ],
)
def test_a_password_is_a_source(read: Read, written: str, source: PasswordSource) -> None:
    """Nothing is looked up while reading."""
    assert only(read({"a.yaml": document("User", "jane", f"spec: {{password: {written}}}")})).password == source


@pytest.mark.parametrize("where", ["lifecycle", "spec"])
def test_identity_may_be_managed(read: Read, where: str) -> None:
    """`manageIdentity` is understood in the lifecycle and in the spec."""
    desired = only(read({"a.yaml": document("User", "jane", f"{where}: {{manageIdentity: true}}")}))
    assert desired.lifecycle.manage_identity
    assert set(desired.fields) == {"login"}


def test_two_live_objects_may_share_a_name(read: Read) -> None:
    """With `metadata.id` on both documents there is nothing ambiguous."""
    body = "kind: Team\nmetadata: {{name: {0}, id: {1}}}\nspec: {{teamName: North}}\n"
    loaded = read({"a.yaml": HEAD + body.format("a", 1), "b.yaml": HEAD + body.format("b", 2)})
    assert [each.remote_id for each in loaded.desired.objects.values()] == [1, 2]


MEMBERSHIPS = {
    "a.yaml": document("Campaign", "spring") + document("List", "a") + document("Team", "north"),
    "b.yaml": document("User", "jane") + document("Catalog", "c", "spec: {skills: {French: 12}}"),
    "m.yaml": "# members\n"
    + document("Membership", "one", "spec: {campaign: spring, lists: [a, {id: 7}], teams: [{name: Old}]}")
    + document("Membership", "two", "spec: {team: north, users: [], mode: additive}")
    + document(
        "Membership",
        "three",
        "lifecycle: {protect: true}\nspec:\n  skill: French\n"
        "  users: [{user: jane, proficiency: 8}, {id: 4, proficiency: 1}, "
        "{user: {name: sam}, proficiency: 10}]",
    )
    + document("Membership", "four", "spec: {skill: 19, users: []}"),
}


def test_memberships_of_every_relation(read: Read) -> None:
    """One value a relation and document; members by key, Id or name; a catalog's skill keeps its name."""
    loaded = read(MEMBERSHIPS)
    assert loaded.warnings == ()
    found = {(each.address.name, each.relation): each for each in loaded.desired.memberships}
    assert list(found) == [
        ("one", "campaign-list"),
        ("one", "campaign-team"),
        ("two", "team-user"),
        ("three", "skill-user"),
        ("four", "skill-user"),
    ]
    first = found["one", "campaign-list"]
    assert first == DesiredMembership(
        address=Address("Membership", "one"),
        relation="campaign-list",
        subject=Reference(kind="Campaign", key="spring"),
        members=(
            Member(reference=Reference(kind="List", key="a"), place=first.place),
            Member(reference=Reference(kind="List", id=7), place=first.place),
        ),
        place=first.place,
    )
    assert str(first.place) == "m.yaml:2"
    assert found["two", "team-user"].mode is Mode.ADDITIVE
    assert found["two", "team-user"].members == ()
    skilled = found["three", "skill-user"]
    assert skilled.subject == Reference(kind="Skill", id=12, name="French")
    assert [(str(each.reference), each.proficiency) for each in skilled.members] == [
        ("User/jane", 8),
        ("User 4", 1),
        ('User "sam"', 10),
    ]
    assert skilled.lifecycle.protect
    assert found["four", "skill-user"].subject == Reference(kind="Skill", id=19)


def test_an_additive_list_may_stand_beside_an_authoritative_one(read: Read) -> None:
    """Only two documents that both claim the whole truth contradict each other."""
    first = document("Membership", "a", "spec: {team: {id: 1}, users: []}")
    second = document("Membership", "b", "spec: {team: {id: 1}, users: [{id: 2}], mode: additive}")
    third = document("Membership", "c", "spec: {team: {id: 2}, users: []}")
    assert len(read({"a.yaml": first + second + third}).desired.memberships) == 3


@pytest.mark.parametrize(
    ("first", "second"),
    [("French", "12"), ("French", "Français"), ("12", "12")],
)
def test_one_skill_under_two_names_is_one_subject(problems: Problems, write: Write, first: str, second: str) -> None:
    """Two authoritative documents for one skill are found whatever they call it."""
    catalog = document("Catalog", "c", "spec: {skills: {French: 12, Français: 12}}")
    bodies = [
        document("Membership", name, f"spec: {{skill: {skill}, users: []}}")
        for name, skill in (("a", first), ("b", second))
    ]
    found = problems(write({"c.yaml": catalog, "a.yaml": bodies[0], "b.yaml": bodies[1]}))
    assert [(str(each.rule), each.place.file) for each in found] == [("duplicate-membership", "b.yaml")]
    assert "a.yaml:1" in found[0].message


def test_a_catalog_is_chosen_by_target(read: Read, problems: Problems, write: Write) -> None:
    """A target's own catalog beats a general one; what only another target has is unknown here."""
    files = {
        "reconciler.yaml": PROJECT.replace(", overlays: [overlays/live]", "").replace(
            ", overlays: [./overlays/staging/]", ""
        ),
        "a.yaml": document("Catalog", "general", "spec: {wellBeingDecks: {Calm: 1, Loud: 2}}")
        + document("Catalog", "live", "spec: {target: live, wellBeingDecks: {Calm: 10}}")
        + document("Catalog", "staging", "spec: {target: staging, wellBeingDecks: {Calm: 20, Odd: 21}}"),
        "t.yaml": document("Team", "a", "spec: {wellBeingDeckId: Calm}"),
    }
    found = {
        name: only(read(files, None, Overrides(target=name))).fields["wellBeingDeckId"]
        for name in ("live", "staging", "plain")
    }
    assert found == {"live": 10, "staging": 20, "plain": 1}
    files["t.yaml"] = document("Team", "a", "spec: {wellBeingDeckId: Odd}")
    assert [str(each.rule) for each in problems(write(files))] == ["unknown-catalog-name"]


def test_an_overlay_changes_its_target_only(read: Read, write: Write) -> None:
    """Documents are merged by kind and name, field by field; null takes a field away; new documents are added."""
    files = {
        "reconciler.yaml": PROJECT,
        "a.yaml": document("Team", "north", "spec: {serviceTime: 1, maxCallbacksPerDay: 2, primarySupervisor: jane}")
        + document("User", "jane", "spec: {password: {env: JANE, rotation: 1}}"),
        "overlays/live/x.yaml": document("Team", "north", "spec: {serviceTime: 5, maxCallbacksPerDay: ~}")
        + document("User", "jane", "spec: {password: {file: /run/jane}}"),
        "overlays/staging/y.yaml": document("Team", "south"),
    }
    loaded = read(files)
    north = loaded.desired.objects[Address("Team", "north")]
    assert north.fields == {
        "teamName": "north",
        "serviceTime": 5,
        "primarySupervisor": Reference(kind="User", key="jane"),
    }
    jane = loaded.desired.objects[Address("User", "jane")]
    assert jane.password == PasswordSource(method=PasswordMethod.FILE, argument=("/run/jane",))
    staging = load(write(files), environment={}, overrides=Overrides(target="staging")).desired.objects
    assert [str(each) for each in staging] == ["Team/north", "User/jane", "Team/south"]
    assert staging[Address("Team", "north")].fields["serviceTime"] == 1
    plain = load(write(files), environment={}, overrides=Overrides(target="plain")).desired.objects
    assert [str(each) for each in plain] == ["Team/north", "User/jane"]


def test_an_overlay_that_is_not_there_is_an_error(write: Write, problems: Problems) -> None:
    """An overlay that could not take effect would be the wrong target's settings on production."""
    found = problems(write({"reconciler.yaml": PROJECT, "a.yaml": document("Team", "north")}))
    assert [(str(each.rule), each.place.file) for each in found] == [("bad-setting", "overlays/live")]


def test_the_example_is_valid() -> None:
    """The contact centre in examples/config loads for each of its targets, without a warning."""
    names = load(EXAMPLE, environment={}).settings.targets
    assert len(names) >= 2
    for name in names:
        loaded = load(EXAMPLE, environment={}, overrides=Overrides(target=name))
        assert loaded.warnings == ()
        kinds = [address.kind for address in loaded.desired.objects]
        assert kinds.count("Campaign") >= 8
        assert kinds.count("List") >= 15
        assert kinds.count("Team") >= 6
        assert kinds.count("User") >= 40
        assert loaded.desired.memberships


def test_the_contract_s_own_examples() -> None:
    """What the contract shows is accepted as it stands there; its List field on a Campaign is worth a warning."""
    loaded = load(Path(__file__).parent / "contract", environment={})
    assert len(loaded.desired.objects) == 6
    assert len(loaded.desired.memberships) == 4
    assert [str(each.rule) for each in loaded.warnings] == ["lifecycle-field"]
