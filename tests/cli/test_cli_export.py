"""`reconciler export`: what is written where, what never is, and what is asked before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reconciler.simulator.service import Service
from tests.cli.ground import Cli, rewrite


@pytest.fixture
def messy(tenant: Service) -> Service:
    """Fill the tenant as ten years do."""
    with tenant.edit() as world:
        leads = world.add("lists", ListName="Spring Leads", FetchWeight=5, RecallPlanId=4)
        world.add("lists", ListName="spring leads", Active=False)
        for _ in range(2):
            world.add("lists", ListName="Copy of leads")
        team = world.add("teams", TeamName="Team: Nord / #1", HoursPerWorkingDay=7)
        boss = world.add("users", FirstName="No", LastName="Null", Login="NO", RolePlanId=2, TeamId=team)
        world.edit("teams", team, PrimarySupervisorId=boss)
        world.add(
            "campaigns", CampaignName="Frühling", Type=0, Status=1, DefaultListId=leads, MaxLines=9, CallerId="0161"
        )
        world.add("campaigns", CampaignName="Old", Type=6, Active=False)
    return tenant


def documents(folder: Path) -> dict[str, dict[str, object]]:
    """Return every document's spec, by kind and name."""
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if each is not None and each["kind"] != "Project":
                found[f"{each['kind']}/{each['metadata']['name']}"] = each.get("spec", {})
    return found


def test_a_messy_tenant_becomes_readable_documents(cli: Cli, messy: Service, floor: Path) -> None:
    """Names people can say, references and codes by name, and nothing that goes without saying."""
    done = cli("export", "out", "--verify")
    assert done.code == 0, done.err
    assert "nothing to change and 8 objects to adopt" in done.out
    found = documents(floor / "out")
    assert set(found) == {
        *("Campaign/fruhling", "Campaign/old", "List/spring-leads", "List/spring-leads-2", "List/copy-of-leads"),
        *("List/copy-of-leads-4", "Team/team-nord-1", "User/no"),
    }
    assert found["Campaign/fruhling"] == {
        **{"campaignName": "Frühling", "type": "Predictive", "callerId": "0161", "defaultList": "spring-leads"},
    }
    assert found["Campaign/old"] == {"campaignName": "Old", "active": False, "type": "Inbound"}
    assert found["Team/team-nord-1"]["primarySupervisor"] == "no"
    assert found["User/no"] == {
        "login": "NO",
        "firstName": "No",
        "lastName": "Null",
        "rolePlanId": 2,
        "team": "team-nord-1",
    }
    twin = yaml.safe_load((floor / "out" / "lists" / "copy-of-leads-4.yaml").read_text("utf-8"))
    assert twin["metadata"]["id"] == 4
    assert messy.writes == ()


def test_what_the_api_cannot_show_is_said_and_left_to_fill_in(cli: Cli, messy: Service, floor: Path) -> None:
    """A stub is a comment that becomes a document by taking the marks away; the vendor's account is nowhere."""
    done = cli("export", "out")
    for open_question in (
        "2 campaigns: lists, teams",
        "4 lists: active",
        "1 team: active, users",
        "1 user: active, password, skills",
    ):
        assert open_question in done.out
    assert "MaxSupport: a protected login" in done.out
    assert "MaxSupport" not in documents(floor / "out")
    text = (floor / "out" / "campaigns" / "fruhling.yaml").read_text("utf-8")
    body = text.partition("\n# ---\n")[2]
    stub = yaml.safe_load("\n".join(line.removeprefix("# ") for line in body.splitlines()))
    assert stub["kind"] == "Membership"
    assert stub["spec"] == {"campaign": "fruhling", "lists": ["KEY-OF-A-LIST"], "teams": ["KEY-OF-A-TEAM"]}
    assert "# password: {env: NO_PASSWORD}" in (floor / "out" / "users" / "no.yaml").read_text("utf-8")


def test_an_unfinished_stub_is_refused(cli: Cli, messy: Service, floor: Path) -> None:
    """A placeholder is no valid key: nobody applies an empty list by accident."""
    cli("export", "out")
    path = floor / "out" / "campaigns" / "fruhling.yaml"
    head, mark, body = path.read_text("utf-8").partition("# ---\n")
    path.write_text(head + mark[2:] + "\n".join(line.removeprefix("# ") for line in body.splitlines()), "utf-8")
    refused = cli("validate", "out")
    assert refused.code == 1
    assert "KEY-OF-A-LIST" in refused.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--kind", "campaign"), {"Campaign/fruhling", "Campaign/old"}),
        (("--kind", "Team", "--kind", "users"), {"Team/team-nord-1", "User/no"}),
        (
            ("--name", "*leads*", "--kind", "List"),
            {"List/spring-leads-2", "List/copy-of-leads", "List/copy-of-leads-4", "List/spring-leads"},
        ),
        (("--name", "Fr?hling"), {"Campaign/fruhling"}),
        (("--name", "fruh*"), {"Campaign/fruhling"}),
        (("--id", "2", "--kind", "List"), {"List/spring-leads-2"}),
        (("--active-only", "--kind", "Campaign"), {"Campaign/fruhling"}),
    ],
)
def test_filters(words: tuple[str, ...], expected: set[str], cli: Cli, messy: Service, floor: Path) -> None:
    """By kind, by name, by Id, active only; what is left out is referred to by its name."""
    done = cli("export", "out", "--verify", *words)
    assert done.code == 0, done.err
    found = documents(floor / "out")
    assert set(found) == expected
    assert ("MaxSupport" in done.out) == ("users" in words)
    if expected == {"Campaign/fruhling"}:
        assert found["Campaign/fruhling"]["defaultList"] == {"name": "Spring Leads"}


@pytest.mark.parametrize("words", [("--name", "nothing*"), ("--id", "999")])
def test_a_filter_that_matches_nothing_is_an_error(
    words: tuple[str, ...], cli: Cli, messy: Service, floor: Path
) -> None:
    """An empty directory would look like success."""
    assert cli("export", "out", *words).code == 1
    assert not (floor / "out").exists()


@pytest.mark.parametrize(
    ("layout", "files"),
    [
        ("single-file", {"manifests.yaml"}),
        (
            "by-kind",
            {f"{kind}/{kind}.yaml" for kind in ("campaigns", "lists", "teams", "users")}
            | {"memberships/memberships.yaml"},
        ),
    ],
)
def test_layouts(layout: str, files: set[str], cli: Cli, messy: Service, floor: Path) -> None:
    """Fewer files for who prefers them; the same documents."""
    cli("export", "objects")
    assert cli("export", "out", "--layout", layout, "--verify").code == 0
    found = {path.relative_to(floor / "out").as_posix() for path in (floor / "out").rglob("*") if path.is_file()}
    assert found == files
    assert documents(floor / "out") == documents(floor / "objects")


@pytest.mark.parametrize("layout", ["by-object", "by-kind", "single-file"])
def test_the_output_is_laid_out_as_fmt_would(layout: str, cli: Cli, messy: Service, floor: Path) -> None:
    """Whoever checks the layout in a pipeline has nothing to do after an export."""
    cli("export", "out", "--layout", layout, "--with-status")
    assert cli("fmt", "--check", "out").code == 0


def test_what_was_edited_is_not_overwritten(cli: Cli, messy: Service, floor: Path) -> None:
    """Not without --force; and where one file is in the way, no file is written."""
    cli("export", "out")
    path = floor / "out" / "campaigns" / "old.yaml"
    edited = path.read_text("utf-8") + "# mine\n"
    path.write_text(edited, "utf-8")
    (floor / "out" / "users" / "no.yaml").unlink()
    refused = cli("export", "out")
    assert refused.code == 1
    assert "campaigns/old.yaml" in refused.err
    assert path.read_text("utf-8") == edited
    assert not (floor / "out" / "users" / "no.yaml").exists()
    assert cli("export", "out", "--force").code == 0
    assert "# mine" not in path.read_text("utf-8")


@pytest.mark.parametrize("layout", ["by-object", "by-kind", "single-file"])
def test_an_update_adds_what_is_new(layout: str, cli: Cli, messy: Service, floor: Path) -> None:
    """What is in Git keeps every byte, and its name whatever was added since."""
    cli("export", "out", "--layout", layout)
    before = {path: path.read_text("utf-8") for path in (floor / "out").rglob("*.yaml")}
    known = documents(floor / "out")
    with messy.edit() as world:
        world.add("campaigns", CampaignName="FRÜHLING", Type=2)
        world.add("teams", TeamName="South")
    done = cli("export", "out", "--layout", layout, "--update", "--verify")
    assert done.code == 0, done.err
    assert "1 campaign, 1 team" in done.out
    for path, text in before.items():
        assert path.read_text("utf-8").startswith(text)
    assert set(documents(floor / "out")) - set(known) == {"Campaign/fruhling-3", "Team/south"}
    assert cli("export", "out", "--layout", layout, "--update").out.startswith("Exported to out: nothing new")


def test_another_layout_beside_the_first_is_refused(cli: Cli, messy: Service, floor: Path) -> None:
    """Two files that declare one object would be an error at the next plan."""
    cli("export", "out")
    refused = cli("export", "out", "--layout", "single-file", "--force")
    assert refused.code == 1
    assert "declared already" in refused.err
    assert not (floor / "out" / "manifests.yaml").exists()


def test_catalog_names_are_used(cli: Cli, messy: Service, floor: Path) -> None:
    """A plan's Id is written by the name that the project's catalog gives it."""
    (floor / "ids.yaml").write_text(
        "apiVersion: maxcontact/v1\nkind: Catalog\nmetadata: {name: ids}\n"
        'spec: {recallPlans: {Standard recalls: 4, Unused: 5}, rolePlans: {"Yes": 2}}\n',
        encoding="utf-8",
    )
    for out in (floor / "inside", floor.parent / "outside"):
        done = cli("--config", floor, "export", out, "--verify")
        assert done.code == 0, done.err
        found = documents(out)
        assert found["List/spring-leads"]["recallPlanId"] == "Standard recalls"
        assert found["User/no"]["rolePlanId"] == "Yes"
        assert ("Catalog/exported-ids" in found) == (out.name == "outside")
        alone = cli("validate", out if out.name == "outside" else floor)
        assert (alone.code, alone.err) == (0, "")
        assert cli("fmt", "--check", out).code == 0
        assert "0 files written" in cli("--config", floor, "export", out).out
        assert "nothing new" in cli("--config", floor, "export", out, "--update").out
        for path in out.rglob("*.yaml"):
            path.unlink()


def test_what_the_ledger_knows_is_written(cli: Cli, floor: Path) -> None:
    """Memberships, activity and names that this tool made itself come back as documents, and plan to nothing at all."""
    rewrite(floor, "spec: {fetchWeight: 5}", "spec: {fetchWeight: 5, active: true, listName: Other Prospects}")
    assert cli("apply", "--auto-approve").code == 0
    done = cli("export", "../out", "--verify")
    assert done.code == 0, done.err
    found = documents(floor.parent / "out")
    assert found["Membership/spring-dialling"] == {"campaign": "spring", "lists": ["prospects"], "teams": ["north"]}
    assert found["List/prospects"] == {"listName": "Other Prospects", "active": True, "fetchWeight": 5}
    assert found["User/jane.doe"]["team"] == "north"
    assert "and 0 objects to adopt" in done.out


def test_what_the_ledger_knows_is_written_the_same_again(cli: Cli, floor: Path) -> None:
    """Over itself, and beside it in the same configuration directory: same names, same bytes."""
    assert cli("apply", "--auto-approve").code == 0
    assert cli("export", "out").code == 0
    assert "0 files written" in cli("export", "out").out
    beside = cli("export", "beside", "--verify")
    assert beside.code == 0, beside.err
    assert "stand in" in beside.err
    first, second = (sorted((floor / name).rglob("*.yaml")) for name in ("out", "beside"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert cli("export", "third", "--update").out.startswith("Exported to third: nothing new")


def test_verify_says_what_differs(cli: Cli, messy: Service, floor: Path) -> None:
    """An overlay changes what was exported: the output is not what the target has, and exit code 1 says so."""
    (floor / "floor.yaml").unlink()
    assert cli("export", ".", "--verify").code == 0
    project = floor / "reconciler.yaml"
    overlaid = project.read_text("utf-8").replace("login: simulator", "login: simulator\n      overlays: [over]")
    project.write_text(overlaid, "utf-8")
    (floor / "over").mkdir()
    (floor / "over" / "a.yaml").write_text(
        "apiVersion: maxcontact/v1\nkind: List\nmetadata: {name: spring-leads}\nspec: {fetchWeight: 9}\n", "utf-8"
    )
    done = cli("export", ".", "--verify")
    assert done.code == 1
    assert "Not verified" in done.out
    assert "fetchWeight: 5 -> 9" in done.out


def test_the_status_comes_on_request(cli: Cli, messy: Service, floor: Path) -> None:
    """It is the floor's, so that Git doesn't pin by accident what somebody clicked this morning."""
    assert cli("export", "out", "--kind", "Campaign", "--with-status", "--verify").code == 0
    assert documents(floor / "out")["Campaign/fruhling"]["status"] == "Running"


def test_values_that_no_manifest_can_hold_are_left_out_and_named(cli: Cli, messy: Service, floor: Path) -> None:
    """A reference to nothing and a weight beyond the range: said, and the rest is exported."""
    with messy.edit() as world:
        world.edit("lists", 1, FetchWeight=77)
        world.edit("campaigns", 1, DefaultListId=4711)
    done = cli("export", "out", "--verify")
    assert done.code == 0
    assert "List/spring-leads fetchWeight: a manifest can't hold 77" in done.out
    assert "Campaign/fruhling defaultList: Id 4711 is none of the target's lists" in done.out


def test_two_ways_to_treat_what_exists_are_one_too_many(cli: Cli, messy: Service) -> None:
    """Wrong usage is told apart from failure."""
    assert cli("export", "out", "--update", "--force").code == 64
    assert cli("export", "out", "--kind", "Skill").code == 64


def test_the_project_of_the_directory_written_to_is_used(cli: Cli, messy: Service, tmp_path: Path) -> None:
    """`export acme` means acme's target, as `plan acme` does."""
    place = tmp_path / "acme"
    place.mkdir()
    (place / "reconciler.yaml").write_text(
        "apiVersion: maxcontact/v1\nkind: Project\nmetadata: {name: acme}\nspec:\n  protectedLogins: ['NO']\n"
        "  targets: {tenant: {url: 'https://x.invalid', login: simulator, password: {env: TENANT_PASSWORD}}}\n",
        encoding="utf-8",
    )
    done = cli("export", place, "--verify")
    assert done.code == 0, done.err
    assert "User/no" not in documents(place)
    assert documents(place)["Team/team-nord-1"]["primarySupervisor"] == {"name": "NO"}
