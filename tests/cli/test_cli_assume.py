"""`state assume`: what a person read off the portal, marked as that."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciler.simulator.service import Service
from tests.cli.ground import Cli, rewrite

LINKS = """\
relation,subject,member,proficiency
# read off the portal
campaign-list,spring,prospects,
campaign-team,spring,North team,
skill-user,French,jane.doe,8
"""

CATALOG = """\
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: ids}
spec: {skills: {French: 12}}
---
apiVersion: maxcontact/v1
kind: Membership
metadata: {name: french}
spec: {skill: French, users: [{user: jane.doe, proficiency: 8}]}
"""


@pytest.fixture
def adopted(floor: Path) -> Path:
    """Have a tenant that has everything already, associations included, and a ledger that knows nothing."""
    with (floor / "floor.yaml").open("a", encoding="utf-8") as file:
        file.write(CATALOG)
    rewrite(floor, "metadata: {name: north}\nspec: {}", "metadata: {name: north}\nspec: {teamName: North team}")
    with Service(data=floor / ".reconciler" / "simulator.simulator.json").edit() as world:
        team = world.add("teams", TeamName="North team")
        user = world.add("users", Login="jane.doe", FirstName="Jane", LastName="Doe", RolePlanId=2, TeamId=team)
        campaign = world.add(
            "campaigns", CampaignName="spring", Type=0, TargetDropPercent=Decimal("2.5"), Description="Grüße → Frühling"
        )
        world.link("campaignLists", campaign, world.add("lists", ListName="prospects", FetchWeight=5))
        world.link("campaignTeams", campaign, team)
        world.link("teamUsers", team, user)
        world.set_skill(12, user, 8)
    return floor


def write(folder: Path, text: str, name: str = "portal.csv") -> str:
    """Write a file of facts beside the directory: inside it, YAML would be taken for a manifest."""
    (folder.parent / name).write_text(text, encoding="utf-8")
    return f"../{name}"


def marks(cli: Cli) -> dict[str, tuple[Any, str]]:
    """Return each membership fact of the drift report with its value and mark."""
    objects = cli("drift", "--all", "--format", "json").json["objects"]
    return {
        field["field"]: (field["applied"], field["knowledge"])
        for each in objects
        if each["kind"] == "Membership"
        for field in each["fields"]
    }


def test_assumed_facts_spare_the_plan_its_steps(adopted: Path, cli: Cli) -> None:
    """What is assumed is neither associated again nor presented as anything better, and says who and when."""
    assert cli("plan", "--format", "json").json["summary"]["associate"] == 3
    done = cli("state", "assume", write(adopted, LINKS), "--by", "Jane Doe", "--at", "2026-05-05")
    assert done.code == 0, done.err
    assert done.out == "3 facts assumed, on the word of Jane Doe, 2026-05-05T00:00:00Z.\n"
    plan = cli("plan", "--format", "json").json
    assert plan["summary"]["associate"] == 0
    assert plan["knowledge"]["assumed"] == 3
    assert "3 assumed" in cli("plan").out
    assert marks(cli) == {
        "lists/prospects": (True, "assumed"),
        "teams/north": (True, "assumed"),
        "users/jane.doe": (8, "assumed"),
    }
    assert "assumed" in cli("drift", "--all").out
    assert cli("apply", "-y", "-q").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0
    assert "True (assumed) 2026-05-05T00:00:00Z by Jane Doe" in cli("state", "show", "Campaign/spring").out.replace(
        "true", "True"
    ).replace("),", ")")


def test_something_better_replaces_an_assumption(adopted: Path, cli: Cli) -> None:
    """Sent again and confirmed, a fact is recorded; an assumption does not take that back, but with --force."""
    assert cli("state", "assume", write(adopted, LINKS), "-q").code == 0
    assert cli("apply", "-y", "-q", "--reassert").code == 0
    assert {mark for _, mark in marks(cli).values()} == {"recorded"}
    again = cli("state", "assume", write(adopted, LINKS))
    assert "0 facts assumed" in again.out
    assert "3 facts known already, and the same" in again.out
    other = write(adopted, "relation,subject,member,belongs\ncampaign-list,spring,prospects,no\n")
    kept = cli("state", "assume", other)
    assert kept.code == 0
    assert "1 fact known better, and different" in kept.out
    assert "portal.csv:2 campaign-list spring prospects: false, recorded 20" in kept.out
    assert "--force" in kept.out
    assert cli("plan", "--detailed-exitcode").code == 0
    assert cli("state", "assume", other, "--force", "--format", "json").json["assumed"][0]["before"]["value"] is True
    assert cli("plan", "--format", "json").json["summary"]["associate"] == 1


def test_activity_and_what_the_target_says_itself(adopted: Path, cli: Cli) -> None:
    """A list's activity can be assumed; a campaign's, and a user's primary team, the target says itself."""
    facts = """\
activity:
  - {kind: List, name: prospects, active: false}
  - {kind: Campaign, name: spring, active: false}
memberships:
  - {relation: team-user, subject: north, member: jane.doe, belongs: false}
"""
    rewrite(adopted, "spec: {fetchWeight: 5}", "spec: {fetchWeight: 5, active: true}")
    done = cli("state", "assume", write(adopted, facts, "portal.yaml"))
    assert done.code == 0, done.err
    assert "1 fact assumed" in done.out
    assert "2 facts known better, and different" in done.out
    assert "portal.yaml:3:5 Campaign spring active: false, the target says true" in done.out
    assert cli("plan", "--format", "json").json["summary"]["activate"] == 1


WRONG = {
    "names": (
        "relation,subject,member,proficiency\ncampaign-list,sprung,prospects,\ncampaign-team,spring,#99,\n"
        "skill-user,Frensh,jane.doe,8\n",
        ["portal.csv:2", "did you mean 'spring'", "portal.csv:3", "Id 99", "portal.csv:4", "did you mean 'French'"],
    ),
    "lines": (
        "relation,subject,member,proficiency\ncampaign-lists,spring,prospects,\nskill-user,12,jane.doe,11\n"
        "campaign-list,spring,prospects,3\ncampaign-list,spring,,\n",
        [
            "portal.csv:2",
            "did you mean `campaign-list`",
            "portal.csv:3",
            "from 1 to 10",
            "portal.csv:4",
            "portal.csv:5",
        ],
    ),
    "contradiction": (
        "relation,subject,member,belongs\ncampaign-list,spring,prospects,yes\ncampaign-list,#1,#1,no\n",
        ["portal.csv:3", "portal.csv:2 says true of the same"],
    ),
    "columns": ("relation,subject,membr\na,b,c\n", ["portal.csv:1", "did you mean `member`", "columns are missing"]),
    "activity": ("kind,name,active\nList,prospects,perhaps\nWidget,a,true\n", ["portal.csv:2", "portal.csv:3"]),
    "empty": ("", ["there is nothing in this file"]),
    "quotes": ('relation,subject,member\n"a,b,c\n', ["this is no CSV"]),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_mistakes_are_told_all_at_once_and_nothing_is_written(
    text: str, words: list[str], adopted: Path, cli: Cli
) -> None:
    """Each line that can't be used is named with what was expected, and the ledger stays as it was."""
    done = cli("state", "assume", write(adopted, text))
    assert done.code == 1
    assert not [word for word in words if word not in done.err]
    assert "nothing was written" in done.err
    assert not (adopted / ".reconciler" / "simulator.json").exists()


def test_ambiguous_names_ask_for_an_id(adopted: Path, cli: Cli) -> None:
    """Two lists of one name: the Ids are listed, and an Id is taken."""
    with Service(data=adopted / ".reconciler" / "simulator.simulator.json").edit() as world:
        world.add("lists", ListName="twice")
        world.add("lists", ListName="twice")
    ambiguous = cli("state", "assume", write(adopted, "kind,name,active\nList,twice,true\n"))
    assert ambiguous.code == 1
    assert "write one of #2, #3" in ambiguous.err
    assert cli("state", "assume", write(adopted, "kind;name;active\nList;#3;TRUE\n")).code == 0


@pytest.mark.parametrize("words", [["--at", "soon"], ["--at", "2999-01-01"], ["--by", " "]])
def test_who_and_when_have_to_make_sense(words: list[str], adopted: Path, cli: Cli) -> None:
    """No date, one in the future, nobody: wrong usage."""
    assert cli("state", "assume", write(adopted, LINKS), *words).code == 64


def test_no_manifests_are_needed(adopted: Path, cli: Cli) -> None:
    """Live names do, and a held ledger is waited for or left alone like everywhere."""
    (adopted / "floor.yaml").unlink()
    done = cli("state", "assume", write(adopted, "relation,subject,member\ncampaign-team,spring,North team\n"))
    assert done.code == 0, done.err
    assert done.err.count("error") == 0
