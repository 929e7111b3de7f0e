"""`drift --accept`: the manifests take over what the target says, and not one character more."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest

from reconciler.simulator.service import Service
from tests.cli.ground import Cli

PROJECT = """\
apiVersion: maxcontact/v1
kind: Project
metadata: {name: centre}
spec:
  targets:
    simulator: {url: "simulator://", overlays: [overlays/simulator], timezone: Europe/London}
  defaultTarget: simulator
"""

MANIFESTS = """\
# The spring campaigns.  Ask Jane before changing them.
apiVersion: maxcontact/v1
kind:   Campaign   # three spaces, and why not
metadata: {name: spring, labels: {brand: acme}}
spec:
    type: 'Predictive'          # single quotes
    targetDropPercent:  2.50    # agreed with compliance

    description: "Grüße: → Frühling"
    callerId: 01614960000   # bare digits
    autoRecord: true
    defaultList: prospects
    schedulePlanId: Weekdays
    zipTone: 2
    active: true
---
# Lists
apiVersion: maxcontact/v1
kind: List
metadata: {name: prospects}
spec: { fetchWeight: 5, description: old, maxCallbackDate: 2026-12-31 , listType: 0 }
---
apiVersion: maxcontact/v1
kind: List
metadata: {name: lapsed}
spec:
  description: |  # in several lines
    One
    Two
  recallPlanId: 3
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: ids}
spec:
  schedulePlans: {Weekdays: 4, Weekends: 5}
  recallPlans: {Gentle: 7}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: north}
spec: {primarySupervisor: {name: boss}, serviceTime: &twenty 20, maxCallbacksPerDay: *twenty}
"""

OVERLAY = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring}
spec:
  autoRecord: false # here only
"""


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """Lay out and apply a directory in which every value is written in a way of its own."""
    folder = tmp_path / "centre"
    (folder / "overlays" / "simulator").mkdir(parents=True)
    (folder / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "all.yaml").write_text(MANIFESTS, encoding="utf-8")
    (folder / "overlays" / "simulator" / "spring.yaml").write_text(OVERLAY, encoding="utf-8")
    monkeypatch.chdir(folder)
    with service(folder).edit() as world:
        for login in ("boss", "deputy"):
            world.add("users", Login=login, FirstName="A", LastName="B", RolePlanId=1)
    done = cli("apply", "-y", "-q", "--parallelism", "1")
    assert done.code == 0, done.err
    return folder


def service(folder: Path) -> Service:
    """Open the embedded simulator's data."""
    return Service(data=folder / ".reconciler" / "simulator.simulator.json")


def change(folder: Path, kind: str, name: str, **values: Any) -> None:
    """Change one object by hand, in the portal."""
    with service(folder).edit() as world:
        (row,) = world.named(kind, name)
        identity = row["Id"]
        assert isinstance(identity, int)
        world.edit(kind, identity, **values)


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that differ, with their sign."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line.rstrip("\n") for line in lines if line[0] in "+-"]


CASES = {
    "number": ("campaigns", "spring", {"TargetDropPercent": 3.25}, "3.25    # agreed with compliance"),
    "text": ("campaigns", "spring", {"Description": 'Say "no": #1'}, 'description: "Say \\"no\\": #1"'),
    "code-in-quotes": ("campaigns", "spring", {"Type": 1}, "type: 'Progressive'          # single quotes"),
    "code-by-number": ("campaigns", "spring", {"ZipTone": 0}, "zipTone: 0"),
    "unlisted-code": ("campaigns", "spring", {"Type": 99}, "type: 99          # single quotes"),
    "phone": ("campaigns", "spring", {"CallerId": "+441614960001"}, 'callerId: "+441614960001"   # bare digits'),
    "plan-by-name": ("campaigns", "spring", {"SchedulePlanId": 5}, "schedulePlanId: Weekends"),
    "plan-without-a-name": ("campaigns", "spring", {"SchedulePlanId": 6}, "schedulePlanId: 6"),
    "plan-by-number": ("lists", "lapsed", {"RecallPlanId": 7}, "recallPlanId: 7"),
    "reference": ("campaigns", "spring", {"DefaultListId": 1}, "defaultList: lapsed"),
    "no-reference": ("campaigns", "spring", {"DefaultListId": 0}, "defaultList: {id: 0}"),
    "activity": ("campaigns", "spring", {"Active": False}, "active: false"),
    "in-brackets": (
        "lists",
        "prospects",
        {"Description": "a, b: {c}"},
        'description: "a, b: {c}", maxCallbackDate: 2026-12-31 ,',
    ),
    "a-day": ("lists", "prospects", {"MaxCallbackDate": "2027-06-30T00:00:00"}, "maxCallbackDate: 2027-06-30 ,"),
    "a-time": ("lists", "prospects", {"MaxCallbackDate": "2027-06-30T17:30:00"}, "2027-06-30T17:30:00"),
}


@pytest.mark.parametrize(("kind", "name", "values", "line"), CASES.values(), ids=CASES)
def test_one_value(kind: str, name: str, values: dict[str, Any], line: str, centre: Path, cli: Cli) -> None:
    """Exactly one line changes, in its own style, and then there is no drift and nothing to apply."""
    change(centre, kind, name, **values)
    done = cli("drift", "--accept", "*/*")
    assert done.code == 0, done.err
    after = (centre / "all.yaml").read_text(encoding="utf-8")
    taken, put = changed_lines(MANIFESTS, after)
    assert line in put
    assert "(all.yaml:" in done.out
    number = int(done.out.partition("(all.yaml:")[2].partition(")")[0])
    assert after.splitlines()[number - 1] == put[2:]
    assert " -> " in done.out
    assert taken != put
    assert cli("drift").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0


def test_a_block_of_lines_stays_one(centre: Path, cli: Cli) -> None:
    """Text over several lines is written as such, with its comment; one line is put in quotes."""
    change(centre, "lists", "lapsed", Description="Three\nFour: 4\n\nFive\n")
    assert cli("drift", "--accept", "List/lapsed").code == 0
    after = (centre / "all.yaml").read_text(encoding="utf-8")
    assert "description: |  # in several lines\n    Three\n    Four: 4\n\n    Five\n  recallPlanId: 3\n" in after
    assert cli("drift").code == 0
    change(centre, "lists", "lapsed", Description=" one\tline")
    assert cli("drift", "--accept", "List/lapsed").code == 0
    assert '  description: " one\\tline"  # in several lines\n  recall' in (centre / "all.yaml").read_text(
        encoding="utf-8"
    )
    assert cli("drift").code == 0


def test_an_overlay_keeps_its_own_values(centre: Path, cli: Cli) -> None:
    """A value that the overlay sets is written there; the base stays as it is."""
    change(centre, "campaigns", "spring", AutoRecord=True, TargetDropPercent=4)
    done = cli("drift", "--accept", "campaign/spring", "--format", "json")
    assert done.code == 0, done.err
    places = {each["field"]: (each["file"], each["line"]) for each in done.json["accepted"]}
    assert places == {"autoRecord": ("overlays/simulator/spring.yaml", 5), "targetDropPercent": ("all.yaml", 7)}
    overlay = (centre / "overlays" / "simulator" / "spring.yaml").read_text(encoding="utf-8")
    assert overlay == OVERLAY.replace("false #", "true #")


def test_only_what_was_asked_for_is_taken(centre: Path, cli: Cli) -> None:
    """A field, not the object; the rest stays drift. What only Git changed is no drift and is not undone."""
    change(centre, "campaigns", "spring", TargetDropPercent=4, Description="by hand")
    text = (centre / "all.yaml").read_text(encoding="utf-8").replace("fetchWeight: 5", "fetchWeight: 6")
    (centre / "all.yaml").write_text(text, encoding="utf-8")
    done = cli("drift", "--accept", "Campaign/spring.targetDropPercent", "--accept", "List/*")
    assert done.code == 0
    assert "1 value accepted in 1 file" in done.out
    after = (centre / "all.yaml").read_text(encoding="utf-8")
    assert after == text.replace("2.50 ", "4 ")
    assert cli("drift").code == 2


def test_references_to_what_nobody_manages(centre: Path, cli: Cli) -> None:
    """A reference by name stays one."""
    change(centre, "teams", "north", PrimarySupervisorId=3)
    assert cli("drift", "--accept", "Team/north.primarySupervisor").code == 0
    assert "primarySupervisor: {name: deputy}," in (centre / "all.yaml").read_text(encoding="utf-8")
    assert cli("drift").code == 0


def test_what_cannot_be_written_is_said(centre: Path, cli: Cli) -> None:
    """A shared value, a field that is not in the manifest, an object that is gone: exit 1, and the rest is written."""
    change(centre, "teams", "north", ServiceTime=30)
    change(centre, "campaigns", "spring", CampaignName="Spring!", TargetDropPercent=4)
    with service(centre).edit() as world:
        world.remove("lists", 1)
    done = cli("drift", "--accept", "*")
    assert done.code == 64
    done = cli("drift", "--accept", "*/*")
    assert done.code == 1
    assert "Team/north serviceTime: other values may repeat it" in done.err
    assert "Campaign/spring campaignName: the manifest leaves it out" in done.err
    assert "List/lapsed: the target no longer has it" in done.err
    assert done.err.count("what to do: ") == 3
    assert "1 value accepted" in done.out
    assert "serviceTime: &twenty 20" in (centre / "all.yaml").read_text(encoding="utf-8")


def test_nothing_to_accept(centre: Path, cli: Cli) -> None:
    """No drift is no error; a pattern that means nothing is one."""
    done = cli("drift", "--accept", "Campaign/spring")
    assert (done.code, done.out) == (0, "Nothing to accept: no chosen value has moved in the target.\n")
    assert (centre / "all.yaml").read_text(encoding="utf-8") == MANIFESTS
    assert cli("drift", "--accept", "Campaign/sprung").code == 64
    assert cli("drift", "--accept", "Campaign/spring.maxLines").code == 64
    assert cli("drift", "--accept", "Campaign/spring", "--format", "html").code == 64


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_line_ends_and_marks_stay(ending: str, centre: Path, cli: Cli) -> None:
    """Windows' line ends and a byte order mark survive, and so do the file's permissions."""
    data = b"\xef\xbb\xbf" + MANIFESTS.replace("\n", ending).encode()
    (centre / "all.yaml").write_bytes(data)
    (centre / "all.yaml").chmod(0o640)
    change(centre, "campaigns", "spring", TargetDropPercent=4)
    change(centre, "lists", "lapsed", Description="Un\nDeux\n")
    assert cli("drift", "--accept", "*/*").code == 0
    wanted = data.replace(b"2.50 ", b"4 ").replace(b"One", b"Un").replace(b"Two", b"Deux")
    assert (centre / "all.yaml").read_bytes() == wanted
    assert (centre / "all.yaml").stat().st_mode & 0o777 == 0o640
    assert cli("drift").code == 0
