"""`reconciler explain`: the schema's words and the kinds' pages, for whoever writes a manifest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler.config.meaning import explain, paths
from reconciler.config.schema_files import KIND_SCHEMAS, read_schema
from reconciler.kinds.registry import KINDS
from tests.cli.ground import Cli

CASES = {
    "Campaign.targetDropPercent": ["a number, 0 to 100", "in per cent", "PUT", "/management/campaigns/{id}"],
    "Campaign.status": ["Not Running = 0", "PATCH /management/campaigns/{id}/status", "Operational"],
    "Campaign.maxLines": ["Bridge", "drops it silently"],
    "campaign.spec.defaultList": ["sent as the Id of the list"],
    "Campaign.schedulePlanId": ["`schedulePlans` of a Catalog"],
    "Campaign.active": ["PATCH /management/campaigns/{id}/activityStatus", "it is read back"],
    "User.active": ["the ledger remembers"],
    "User.extension": ["the user's password goes with it"],
    "User.password": ["never read back"],
    "User.firstName": ["a create needs it", "the identity provider owns it"],
    "User.login": ["renames the live object"],
    "List.useMaxCallbackDays": ["keeps it when an update leaves it out"],
    "List.maxCallbackDate": ["target's timezone"],
    "Project.targets.url": ["simulator://"],
    "Membership.users.proficiency": ["1 to 10"],
    "Campaign.lifecycle.protect": ["refused"],
    "Campaign.metadata.id": ["Id"],
    "Team": ["teamName", "primarySupervisor", "PUT /management/teams/{id}"],
    "Membership": ["campaign", "skill"],
}


@pytest.mark.parametrize(("path", "words"), CASES.items(), ids=CASES)
def test_explaining(path: str, words: list[str], cli: Cli) -> None:
    """A field's value, unit and range, and what the API does with it."""
    done = cli("explain", path)
    assert done.code == 0
    told = " ".join(done.out.split())
    assert not [word for word in words if word not in told]
    assert max(map(len, done.out.splitlines())) <= 100


def test_explaining_to_a_program(cli: Cli) -> None:
    """The same as JSON."""
    told = cli("explain", "Campaign.targetDropPercent", "--format", "json").json
    assert (
        told["description"]
        == read_schema("campaign")["properties"]["spec"]["properties"]["targetDropPercent"]["description"]
    )
    assert cli("explain", "Team", "--format", "json").json["fields"][0]["name"] == "teamName"


@pytest.mark.parametrize("kind", [name.capitalize() for name in KIND_SCHEMAS])
def test_every_field_can_be_explained(kind: str) -> None:
    """Nothing that a manifest may say is without a meaning, and nothing the API takes without what it does."""
    managed = {spec.name: {field.name for field in spec.fields} for spec in KINDS}
    for path in paths(kind):
        meaning = explain(path)
        assert meaning.description
        assert meaning.value
        assert meaning.api or path.partition(".")[2] not in managed.get(kind, set())


@pytest.mark.parametrize(
    ("path", "hint"),
    [("Campain", "Campaign"), ("Campaign.targetDrop", "Campaign.targetDropPercent"), ("Campaign.xyz", "lists them")],
)
def test_a_slip_is_answered_with_what_was_meant(path: str, hint: str, cli: Cli) -> None:
    """An unknown kind or field is wrong usage, with a guess."""
    done = cli("explain", path)
    assert done.code == 64
    assert hint in done.err


def test_explaining_needs_neither_network_nor_yaml() -> None:
    """It answers at once: the libraries for HTTP, YAML and validating stay out."""
    code = (
        "import sys; from reconciler.cli.main import run; run(['explain', 'Campaign.type']);"
        "print([name for name in ('httpx', 'yaml', 'ruamel', 'jsonschema', 'jsonschema_rs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
