"""What holds of a world whatever is asked of it, on whatever server."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator.answers import JSON as JSON_FORM
from reconciler.simulator.answers import show_row
from reconciler.simulator.fields import ENTITIES, NAMES, Kind
from reconciler.simulator.snapshot import keep_world, read_world, show_world
from reconciler.simulator.variants import HARSH, VARIANTS
from reconciler.simulator.world import ENDS, World
from tests.simulator.calling import Caller, caller, read_reply, value_of

IDS = st.integers(0, 4)
CODES = st.sampled_from(["0", "1", "2", "3", "Not Running", "Running", "Paused", "Bridge", "Predictive"])


def entity(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a whole entity body, now and then with a value the server refuses."""
    sorts: dict[str, st.SearchStrategy[Any]] = {
        "int": IDS,
        "decimal": st.sampled_from([0, 1.5, 101]),
        "boolean": st.booleans(),
        "string": st.sampled_from([None, "a", "A", "b"]),
        "datetime": st.sampled_from([None, "2026-05-05T00:00:00"]),
    }
    fields = {field.name: sorts[field.sort] for field in ENTITIES[kind] if field.name != NAMES[kind]}
    fields["Password"] = st.sampled_from(["pw", ""])
    return st.fixed_dictionaries({NAMES[kind]: st.sampled_from(["a", "A", "b", "c"])}, optional=fields)


@st.composite
def request(draw: st.DrawFn) -> tuple[str, str, object]:
    """Draw a request for any method of the document."""
    kind = draw(st.sampled_from([*Kind]))
    identity, active = draw(IDS), {"Active": draw(st.booleans())}
    verb = "PATCH" if kind in (Kind.CAMPAIGNS, Kind.USERS) else "PUT"
    spelling = "activityStatus" if kind is Kind.CAMPAIGNS else "activitystatus"
    link = draw(
        st.sampled_from(
            [("campaigns", "lists", "ListId"), ("campaigns", "teams", "TeamId"), ("teams", "users", "UserId")]
        )
    )
    skills = {"SkillId": draw(IDS), "Proficiency": draw(st.integers(0, 11)), "UserIds": draw(st.lists(IDS, max_size=3))}
    drawn: tuple[str, str, object] = draw(
        st.sampled_from(
            [
                ("GET", f"{kind}", None),
                ("GET", f"{kind}/{identity}", None),
                ("POST", f"{kind}", draw(entity(kind))),
                ("PUT", f"{kind}/{identity}", draw(entity(kind))),
                (verb, f"{kind}/{identity}/{spelling}", active),
                ("PATCH", f"campaigns/{identity}/status", {"CampaignStatus": draw(CODES)}),
                ("PATCH", f"campaigns/{identity}/type", {"CampaignType": draw(CODES)}),
                ("PUT", f"{link[0]}/{identity}/{link[1]}", {link[2]: draw(IDS)}),
                ("DELETE", f"{link[0]}/{identity}/{link[1]}", {link[2]: draw(IDS)}),
                ("PUT", "users/skills", skills),
                ("DELETE", "users/skills", skills),
                ("POST", "globalemergency/enable", None),
                ("POST", "globalemergency/disable", None),
            ]
        )
    )
    return drawn


def check_world(who: Caller, world: World) -> None:
    """Check what no server lets happen."""
    behaviour = who.service.behaviour
    for relation, (subject, member) in ENDS.items():
        for pair in world.links[relation]:
            assert pair[0] in world.objects[subject]
            assert pair[1] in world.objects[member]
    assert all(1 <= held <= 10 and user in world.objects[Kind.USERS] for (_, user), held in world.skills.items())
    teams: dict[int, set[int]] = {}
    for team, user in world.links[next(relation for relation, ends in ENDS.items() if ends[1] is Kind.USERS)]:
        teams.setdefault(user, set()).add(team)
    for identity, row in world.objects[Kind.USERS].items():
        if row["TeamId"] and behaviour.references_checked:
            assert row["TeamId"] in teams[identity]
        assert behaviour.user_teams == "many" or len(teams.get(identity, set())) <= 1
    for row in world.objects[Kind.CAMPAIGNS].values():
        assert row["Active"] or not row["Status"] or behaviour.inactive_campaigns_run
    for kind, rows in world.objects.items():
        assert all(identity == row["Id"] <= world.last_ids[kind] for identity, row in rows.items())  # type: ignore[operator]
        if behaviour.duplicate_names == "refused" and kind is not Kind.USERS:
            names = [str(row[NAMES[kind]]).casefold() for row in rows.values()]
            assert len(set(names)) == len(names)


@given(st.sampled_from([*VARIANTS, *HARSH]), st.lists(request(), max_size=25))
def test_no_request_breaks_a_world(name: str, requests: list[tuple[str, str, object]]) -> None:
    """Reading changes nothing, what is refused changes nothing, and what is done leaves a world in order."""
    who = caller({**VARIANTS, **HARSH}[name])
    world = who.service.world
    for method, path, body in requests:
        before = copy.deepcopy(show_world(world))
        answer = read_reply(who.send(method, path, body))
        done = value_of(answer, "Success")
        assert done in (True, False)
        batch = path == "users/skills" and who.service.behaviour.skill_batch == "one-by-one"
        if method == "GET" or (not done and not batch):
            assert show_world(world) == before
        check_world(who, world)
    kept = read_world(keep_world(world))
    assert keep_world(kept) == keep_world(world)


@given(st.sampled_from([*VARIANTS]), st.sampled_from([*Kind]), st.data())
def test_sending_back_what_was_read_changes_nothing(name: str, kind: Kind, data: st.DataObject) -> None:
    """On every server, PUT of an entity as GET gave it (a user with a password) leaves it as it was."""
    who = caller(VARIANTS[name])
    body = data.draw(entity(kind).filter(lambda drawn: drawn.get("Password") != ""))
    body.setdefault("Password", "pw")
    body.update({"FirstName": "A", "LastName": "B"} if kind is Kind.USERS else {})
    if kind is not Kind.USERS and name in ("unknown-fields-refused", "strict"):
        del body["Password"]
    who.send("POST", kind, body)
    for identity, row in list(who.service.world.objects[kind].items()):
        before = dict(row)
        echoed = {**show_row(who.service.behaviour, JSON_FORM, kind, row)}
        if kind is Kind.USERS:
            echoed["password" if name in ("camel-case", "web-api") else "Password"] = "again"
        who.done("PUT", f"{kind}/{identity}", echoed)
        after = dict(who.service.world.objects[kind][identity])
        assert {key: value or None for key, value in after.items()} == {
            key: value or None for key, value in before.items()
        }
