"""
The conversation that is recorded: every method of the API document at least once, in short talks.

It takes no server's side. What may be refused is tried, and what came of it is written down, so that the same talks can
be held with any tenant. Each object it makes carries the run's mark in its name, since nothing can be deleted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.api.client import Client
from reconciler.errors import RefusedError, TargetError
from reconciler.model.secret import Secret

NAME = "zz-reconciler-recording"
UNKNOWN_ID = 2_000_000_000


@dataclass(slots=True, kw_only=True)
class Talk:
    """One talk: the client, the mark in the names of what it makes, and what came of each call."""

    client: Client
    mark: str
    password: Secret
    outcomes: list[str] = field(default_factory=list)

    def name(self, what: str) -> str:
        """Return a name that anyone who meets it later can place."""
        return f"{NAME}-{self.mark}-{what}"

    def read_all(self, path: str) -> list[dict[str, object]]:
        """Read a collection; note the names of its fields, not how many there are."""
        entities = self.client.read_all(path)
        names = sorted({name for entity in entities for name in entity})
        self.outcomes.append(f"GET {path}: an array, fields {', '.join(names)}")
        return entities

    def read_one(self, path: str) -> dict[str, object]:
        """Read an entity, or note why not."""
        try:
            entity = self.client.read_one(path)
        except TargetError as error:
            self._failed("GET", path, error)
            return {}
        self.outcomes.append(f"GET {path}: an entity")
        return entity

    def send(self, method: str, path: str, body: Mapping[str, object] | None) -> object:
        """Send a write, or note why it failed; what the server thinks of it is what the recording is for."""
        try:
            data = self.client.send(method, path, body, repeatable=method != "POST")
        except TargetError as error:
            self._failed(method, path, error)
            return None
        shown = "an entity" if isinstance(data, dict) and identity(data) else repr(data)
        self.outcomes.append(f"{method} {path}: {shown}")
        return data

    def create(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        """Create an object; without it the talk can't go on, so a failure is one of the recording."""
        data = self.send("POST", path, body)
        if not isinstance(data, dict):
            raise RuntimeError(f"nothing was created: {self.outcomes[-1]}")
        return data

    def _failed(self, method: str, path: str, error: TargetError) -> None:
        said = f"{error.status} {error.code}: {error.detail}" if isinstance(error, RefusedError) else error.message
        self.outcomes.append(f"{method} {path}: {type(error).__name__} {said}")


def identity(entity: Mapping[str, object]) -> int:
    """Return an entity's Id, 0 if it has none."""
    for name, value in entity.items():
        if name.casefold() == "id":
            return int(str(value))
    return 0


def campaigns(talk: Talk) -> None:
    """Get, create, update; activity, type and status, each with a name and with a number."""
    path = "/management/campaigns"
    talk.read_all(path)
    created = talk.create(path, {"CampaignName": talk.name("campaign"), "Type": 0, "TargetDropPercent": 2.5})
    own = f"{path}/{identity(created)}"
    fresh = talk.read_one(own)
    talk.send("PUT", own, {**fresh, "Description": "Łódź, 50 % — recorded"})
    talk.send("PATCH", f"{own}/activityStatus", {"Active": True})
    for value in ("Progressive", "2"):
        talk.send("PATCH", f"{own}/type", {"CampaignType": value})
    for value in ("Running", "2", "Not Running"):
        talk.send("PATCH", f"{own}/status", {"CampaignStatus": value})
    talk.send("PATCH", f"{own}/activityStatus", {"Active": False})
    talk.read_one(own)


def lists(talk: Talk) -> None:
    """Get, create, update, activity; a date and an explicit UseMaxCallbackDays among the fields."""
    path = "/management/lists"
    talk.read_all(path)
    body = {"ListName": talk.name("list"), "FetchWeight": 5, "MaxCallbackDate": "2030-12-31T00:00:00"}
    own = f"{path}/{identity(talk.create(path, body))}"
    fresh = talk.read_one(own)
    talk.send("PUT", own, {**fresh, "UseMaxCallbackDays": True, "MaxCallbackDays": 3})
    talk.send("PUT", own, {name: value for name, value in fresh.items() if name.casefold() != "usemaxcallbackdays"})
    talk.read_one(own)
    talk.send("PUT", f"{own}/activitystatus", {"Active": False})


def teams(talk: Talk) -> None:
    """Get, create, update, activity."""
    path = "/management/teams"
    talk.read_all(path)
    own = f"{path}/{identity(talk.create(path, {'TeamName': talk.name('team'), 'HoursPerWorkingDay': 7.5}))}"
    fresh = talk.read_one(own)
    talk.send("PUT", own, {**fresh, "ServiceTime": 60})
    talk.send("PUT", f"{own}/activitystatus", {"Active": False})


def a_user(talk: Talk, what: str) -> dict[str, object]:
    """Create a user; the role is the first that a user of the tenant has, since no method lists the roles."""
    roles = [value for user in talk.read_all("/management/users") for value in [user.get("RolePlanId")] if value]
    body = {"FirstName": NAME, "LastName": NAME, "Login": talk.name(what), "Password": talk.password}
    return talk.create("/management/users", {**body, "RolePlanId": roles[0] if roles else 1})


def users(talk: Talk) -> None:
    """Get, create, update with and without the password, activity."""
    own = f"/management/users/{identity(a_user(talk, 'user'))}"
    fresh = talk.read_one(own)
    talk.send("PUT", own, {**fresh, "Extension": "1001", "Password": talk.password})
    talk.send("PUT", own, {**fresh, "Extension": "1002"})
    talk.send("PATCH", f"{own}/activitystatus", {"Active": False})


def associations(talk: Talk) -> None:
    """Associate and disassociate, each once more than needed: lists and teams of a campaign, users of a team."""
    campaign = identity(talk.create("/management/campaigns", {"CampaignName": talk.name("linked"), "Type": 0}))
    lead_list = identity(talk.create("/management/lists", {"ListName": talk.name("linked")}))
    team = identity(talk.create("/management/teams", {"TeamName": talk.name("linked")}))
    user = identity(a_user(talk, "linked"))
    for path, body in (
        (f"/management/campaigns/{campaign}/lists", {"ListId": lead_list}),
        (f"/management/campaigns/{campaign}/teams", {"TeamId": team}),
        (f"/management/teams/{team}/users", {"UserId": user}),
    ):
        for method in ("PUT", "PUT", "DELETE", "DELETE"):
            talk.send(method, path, body)
        talk.read_one(f"/management/users/{user}")


def skills(talk: Talk) -> None:
    """Associate, change the proficiency, disassociate; an unknown user among the known."""
    user = identity(a_user(talk, "skilled"))
    path = "/management/users/skills"
    talk.send("PUT", path, {"SkillId": 1, "Proficiency": 3, "UserIds": [user]})
    talk.send("PUT", path, {"SkillId": 1, "Proficiency": 8, "UserIds": [user]})
    talk.send("PUT", path, {"SkillId": 1, "Proficiency": 11, "UserIds": [user]})
    talk.send("PUT", path, {"SkillId": 1, "Proficiency": 3, "UserIds": [user, UNKNOWN_ID]})
    for _ in range(2):
        talk.send("DELETE", path, {"SkillId": 1, "UserIds": [user]})


def refusals(talk: Talk) -> None:
    """What a server says to an Id that does not exist and to a body that makes no sense."""
    for kind in ("campaigns", "lists", "teams", "users"):
        talk.read_one(f"/management/{kind}/{UNKNOWN_ID}")
    talk.send("PUT", f"/management/campaigns/{UNKNOWN_ID}/lists", {"ListId": UNKNOWN_ID})
    talk.send("PATCH", f"/management/campaigns/{UNKNOWN_ID}/status", {"CampaignStatus": "Nonsense"})
    talk.send("POST", "/management/campaigns", {"Type": "nonsense"})


def emergency(talk: Talk) -> None:
    """Enable and disable: this stops every campaign of the tenant."""
    talk.send("POST", "/management/globalemergency/enable", None)
    talk.send("POST", "/management/globalemergency/disable", None)


TALKS: tuple[Callable[[Talk], None], ...] = (
    campaigns,
    lists,
    teams,
    users,
    associations,
    skills,
    refusals,
    emergency,
)
