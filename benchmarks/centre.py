"""A contact centre of any size, the same every time: many documents a file, as large configurations are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DOCUMENTS_A_FILE = 50
LISTS_A_CAMPAIGN = 10

PROJECT = """apiVersion: maxcontact/v1
kind: Project
metadata: {{name: bench}}
spec:
  targets:
    bench:
      url: {url}
      login: simulator
      password: {{env: BENCH_PASSWORD}}
      timezone: Europe/London
"""


def write_centre(folder: Path, objects: int, *, url: str) -> int:
    """
    Write manifests of so many campaigns, lists, teams and users, and their memberships; return how many documents.

    One in twenty is a campaign, one in fifty a team; the rest are lists and users, somewhat more lists.
    """
    campaigns, teams = objects // 20, max(objects // 50, 1)
    lists = (objects - campaigns - teams) * 6 // 10
    users = objects - campaigns - teams - lists
    documents = {
        "campaigns": [_campaign(number) for number in range(campaigns)],
        "lists": [_list(number) for number in range(lists)],
        "teams": [_team(number, users) for number in range(teams)],
        "users": [_user(number, teams) for number in range(users)],
        "memberships": [*_memberships(campaigns=campaigns, lists=lists, teams=teams)],
    }
    (folder / "reconciler.yaml").write_text(PROJECT.format(url=url), encoding="utf-8")
    for name, texts in documents.items():
        (folder / name).mkdir(parents=True)
        for start in range(0, len(texts), DOCUMENTS_A_FILE):
            text = "---\n".join(texts[start : start + DOCUMENTS_A_FILE])
            (folder / name / f"{name}-{start:06}.yaml").write_text(text, encoding="utf-8")
    return 1 + sum(map(len, documents.values()))


def _head(kind: str, name: str) -> str:
    return f"apiVersion: maxcontact/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels: {{brand: bench}}\nspec:\n"


def _campaign(number: int) -> str:
    return _head("Campaign", f"campaign-{number:05}") + (
        f"  campaignName: Campaign {number}\n"
        f"  description: Everything that is due in week {number % 52}\n"
        "  active: true\n  status: Running\n  type: Predictive\n"
        f"  callerId: 0161496{number % 1000:04}\n"
        "  degradeToProgressive: true\n  progressiveThreshold: 6\n  notReadyWaitTime: 30\n"
        "  targetDropPercent: 2.5\n  isBlended: false\n  autoRecord: true\n"
        f"  defaultList: list-{number * LISTS_A_CAMPAIGN:05}\n"
        "  hoursPerWorkingDay: 7.5\n  teleParamPlanId: 3\n  schedulePlanId: 4\n  zipTone: Beep\n  zipToneBeep: HiLo\n"
    )


def _list(number: int) -> str:
    return _head("List", f"list-{number:05}") + (
        f"  listName: List {number}\n"
        f"  description: Leads of day {number}\n"
        f"  listType: Follow Campaign\n  fetchWeight: {number % 11}\n"
        "  useMaxCallbackDays: true\n  maxCallbackDays: 30\n  scriptingEnabled: true\n"
        "  recallPlanId: 5\n  callingTimePlanId: 1\n  resultCodePlanId: 7\n  answerMachinePlanId: 1\n"
        "  doNotCallPlanId: 2\n"
    )


def _team(number: int, users: int) -> str:
    supervisor = f"  primarySupervisor: agent-{number:05}\n" if number < users else ""
    return _head("Team", f"team-{number:05}") + (
        f"  teamName: Team {number}\n{supervisor}"
        "  maxCallbacksPerDay: 20\n  serviceTime: 25\n  hoursPerWorkingDay: 7.5\n  wellBeingDeckId: 1\n"
    )


def _user(number: int, teams: int) -> str:
    return _head("User", f"agent-{number:05}") + (
        f"  firstName: Agent\n  lastName: Number {number}\n  rolePlanId: 2\n"
        f'  useRTC: true\n  extension: "{2000 + number}"\n  team: team-{number % teams:05}\n'
        "  agentCapacityPlanId: 1\n  password: {generate: true}\n"
    )


def _memberships(*, campaigns: int, lists: int, teams: int) -> Iterator[str]:
    for number in range(campaigns):
        first = number * LISTS_A_CAMPAIGN
        members = ", ".join(f"list-{each:05}" for each in range(first, min(first + LISTS_A_CAMPAIGN, lists)))
        yield (
            f"apiVersion: maxcontact/v1\nkind: Membership\nmetadata:\n  name: dialling-{number:05}\nspec:\n"
            f"  campaign: campaign-{number:05}\n  lists: [{members}]\n  teams: [team-{number % teams:05}]\n"
        )
