"""The example contact centre: what the demo plays, what newcomers copy, and what it promises to show."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.main import run
from reconciler.kinds.campaign import CAMPAIGN, TYPES
from reconciler.kinds.registry import KINDS
from reconciler.kinds.spec import KindSpec

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "examples" / "config"

DRAMA_NUMBERS = re.compile(r"0(161496|113496|207946|292018|808157)0\d{3}")
"""Ofcom keeps these for drama: nobody who reads the example can dial a stranger."""


class _Text(yaml.SafeLoader):
    """Keeps what the reader of manifests keeps: telephone numbers and times are text."""


_Text.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":bool", ":null"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents() -> list[dict[str, Any]]:
    """Return all documents of the example."""
    return [
        document
        for path in sorted(CONFIG.rglob("*.yaml"))
        for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=_Text)
    ]


def of_kind(kind: str) -> list[dict[str, Any]]:
    """Return the documents of one kind."""
    return [document for document in documents() if document["kind"] == kind]


@pytest.mark.parametrize(("kind", "least"), [("Campaign", 8), ("List", 15), ("Team", 6), ("User", 40), ("Catalog", 2)])
def test_it_is_a_believable_size(kind: str, least: int) -> None:
    """Big enough that a plan has to be read, small enough to be read."""
    assert len(of_kind(kind)) >= least


def test_it_has_every_type_whose_fields_differ() -> None:
    """Each campaign type that the API treats differently, and each of the fields that it does so for."""
    used = {document["spec"]["type"] for document in of_kind("Campaign")}
    assert used >= {"Predictive", "Progressive", "Preview", "IVR", "Bridge", "Inbound", "Interaction"}
    assert used <= set(TYPES) | {str(code) for code in range(len(TYPES))}
    fields = {name for document in of_kind("Campaign") for name in document["spec"]}
    assert {field.name for field in CAMPAIGN.fields if field.kept_when} <= fields


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))
def test_it_shows_every_field(kind: KindSpec) -> None:
    """Whoever looks for how a field is written finds it here; the natural key of users is their document's name."""
    shown = {name for document in of_kind(kind.name) for name in document["spec"]} | {"login"}
    assert {field.name for field in kind.fields} <= shown


def test_it_shows_every_lifecycle_setting() -> None:
    """protect, ignoreChanges, operational (also none), onRemoval, manageIdentity, rotation and additive members."""
    lifecycles = [document["lifecycle"] for document in documents() if "lifecycle" in document]
    assert {name for each in lifecycles for name in each} == {
        "protect",
        "ignoreChanges",
        "operational",
        "onRemoval",
        "manageIdentity",
    }
    assert [] in [each.get("operational") for each in lifecycles]
    assert any("rotation" in document["spec"]["password"] for document in of_kind("User"))
    assert any(document["spec"].get("mode") == "additive" for document in of_kind("Membership"))


def test_every_user_is_in_exactly_their_own_team() -> None:
    """Team and memberships agree, so that servers with one team a user converge as well as those with many."""
    own = {document["metadata"]["name"]: document["spec"]["team"] for document in of_kind("User")}
    listed = [
        (user, document["spec"]["team"])
        for document in of_kind("Membership")
        if "team" in document["spec"]
        for user in document["spec"]["users"]
    ]
    assert sorted(listed) == sorted(own.items())


def test_every_supervisor_is_in_the_team_they_lead() -> None:
    """The circle that planning has to break: a team's supervisor, whose own team it is."""
    own = {document["metadata"]["name"]: document["spec"]["team"] for document in of_kind("User")}
    for document in of_kind("Team"):
        assert own[document["spec"]["primarySupervisor"]] == document["metadata"]["name"]


def test_no_list_is_dialled_by_two_campaigns() -> None:
    """So that servers on which a list has one campaign converge too; a default list is one of the campaign's own."""
    lists = {
        d["spec"]["campaign"]: d["spec"].get("lists", []) for d in of_kind("Membership") if "campaign" in d["spec"]
    }
    uses = Counter(name for names in lists.values() for name in names)
    assert not [name for name, count in uses.items() if count > 1]
    for campaign in of_kind("Campaign"):
        default = campaign["spec"].get("defaultList")
        assert default is None or default in lists[campaign["metadata"]["name"]]


def test_passwords_come_from_one_convention() -> None:
    """A variable named after the login, or a generated one for whoever signs in through an identity provider."""
    for document in of_kind("User"):
        source = {name: value for name, value in document["spec"]["password"].items() if name != "rotation"}
        variable = "ACME_PASSWORD_" + document["metadata"]["name"].upper().replace(".", "_")
        expected = {"generate": True} if document["spec"].get("ssoActive") else {"env": variable}
        assert source == expected


def test_telephone_numbers_are_nobodys() -> None:
    """Every number is one of those kept for drama."""
    numbers = [d["spec"]["callerId"] for d in documents() if "callerId" in d.get("spec", {})]
    assert numbers
    assert not [number for number in numbers if not DRAMA_NUMBERS.fullmatch(number)]


def test_both_targets_name_the_same_things() -> None:
    """A catalog for each target, with the same names, so that the manifests fit both."""
    names = {
        document["spec"]["target"]: {
            group: sorted(values) for group, values in document["spec"].items() if group != "target"
        }
        for document in of_kind("Catalog")
    }
    assert set(names) == {"simulator", "production"}
    assert names["simulator"] == names["production"]


@pytest.mark.parametrize("target", ["simulator", "production"])
def test_it_is_valid_without_a_warning(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`reconciler validate` has nothing to say against it, for either target."""
    assert run(["validate", str(CONFIG), "--target", target]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Valid: ")
    assert not printed.err


@pytest.mark.parametrize("path", sorted(CONFIG.rglob("*.yaml")), ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_every_file_has_a_modeline_that_leads_to_its_schema(path: Path) -> None:
    """Editors complete and check the file."""
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    schema = (path.parent / found[1]).resolve()
    assert schema.is_file()
    assert schema.is_relative_to(ROOT / "schemas")
    kinds = {line.removeprefix("kind: ").lower() for line in rest if line.startswith("kind: ")}
    assert kinds == {schema.name.removesuffix(".schema.json")}
