"""Small builders of the values that are rendered, and one plan that touches every action."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.address import Address
from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.desired import OnRemoval, PasswordMethod, PasswordSource
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Custody
from reconciler.model.plan import (
    Action,
    Change,
    End,
    FieldValue,
    Plan,
    Request,
    Risk,
    Step,
)
from reconciler.model.problem import Place
from reconciler.model.values import Plain

NOW = "2026-10-12T09:30:00Z"
EARLIER = "2026-09-01T08:00:00Z"


def campaign(name: str) -> Address:
    """Address a campaign."""
    return Address("Campaign", name)


def change(field: str, before: Plain, after: Plain, knowledge: Knowledge = Knowledge.LIVE) -> Change:
    """Say what a field becomes."""
    return Change(field=field, before=before, after=after, knowledge=knowledge)


def end(kind: str, name: str, object_id: int | None) -> End:
    """Name a managed end of an association."""
    return End(kind=kind, name=name, id=object_id, managed=True)


def create_campaign() -> Step:
    """Create a campaign that waits for its default list."""
    return Step(
        id="campaign/spring-renewals/create",
        action=Action.CREATE,
        kind="Campaign",
        name="spring-renewals",
        object_id=None,
        reason="missing-live",
        explanation="the target has no campaign named Spring Renewals",
        source="campaigns/spring.yaml:1",
        changes=(
            change("campaignName", None, "Spring Renewals"),
            change("type", None, "Predictive"),
            change("targetDropPercent", None, 2.5),
            change("defaultList", None, "renewals-2026q2"),
        ),
        requests=(
            Request(
                method="POST",
                path="/management/campaigns",
                body={
                    "CampaignName": "Spring Renewals",
                    "Type": 0,
                    "TargetDropPercent": 2.5,
                    "DefaultListId": "{List/renewals-2026q2}",
                },
            ),
        ),
        depends_on=("list/renewals-2026q2/create",),
        natural_key="Spring Renewals",
        values=(
            FieldValue(name="campaignName", value="Spring Renewals"),
            FieldValue(name="type", value=0),
            FieldValue(name="targetDropPercent", value=2.5),
            FieldValue(name="defaultList", refers=Address("List", "renewals-2026q2")),
        ),
        custody=Custody(labels={"brand": "acme"}, protect=True, on_removal=OnRemoval.KEEP),
    )


def create_list() -> Step:
    """Create a list."""
    return Step(
        id="list/renewals-2026q2/create",
        action=Action.CREATE,
        kind="List",
        name="renewals-2026q2",
        object_id=None,
        reason="missing-live",
        explanation="the target has no list named Renewals 2026 Q2",
        source="lists/renewals.yaml:1",
        changes=(change("listName", None, "Renewals 2026 Q2"), change("fetchWeight", None, 7)),
        requests=(
            Request(method="POST", path="/management/lists", body={"ListName": "Renewals 2026 Q2", "FetchWeight": 7}),
        ),
        natural_key="Renewals 2026 Q2",
        values=(FieldValue(name="listName", value="Renewals 2026 Q2"), FieldValue(name="fetchWeight", value=7)),
        custody=Custody(),
    )


def update_user() -> Step:
    """Update a user, which sends the password again."""
    return Step(
        id="user/jane.doe/update",
        action=Action.UPDATE,
        kind="User",
        name="jane.doe",
        object_id=53,
        reason="field-differs",
        explanation="extension differs from the manifest, and the password has to be sent with it",
        source="users/agents.yaml:14",
        risk=Risk.DISRUPTIVE,
        risk_reason="sets the password again, from environment variable JANE_DOE_PASSWORD",
        changes=(
            change("extension", "2041", "2042"),
            change("password", None, "from environment variable JANE_DOE_PASSWORD", Knowledge.UNKNOWN),
        ),
        requests=(
            Request(
                method="PUT",
                path="/management/users/53",
                body={
                    "Id": 53,
                    "Login": "jane.doe",
                    "Extension": "2042",
                    "Password": "(from environment variable JANE_DOE_PASSWORD)",
                },
            ),
        ),
        natural_key="jane.doe",
        values=(FieldValue(name="extension", value="2042"),),
        seen={"extension": "2041", "login": "jane.doe"},
        password=PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("JANE_DOE_PASSWORD",), rotation=2),
        custody=Custody(),
    )


def adopt_team() -> Step:
    """Take a team that is there already into the ledger."""
    return Step(
        id="team/renewals-north/adopt",
        action=Action.ADOPT,
        kind="Team",
        name="renewals-north",
        object_id=4,
        reason="matched-by-name",
        explanation="the target has one team of that name, and nobody manages it yet",
        source="teams/north.yaml:1",
        natural_key="Renewals North",
        seen={"teamName": "Renewals North"},
        custody=Custody(),
    )


def associate_list() -> Step:
    """Put the new list into the new campaign."""
    return Step(
        id="membership/spring-renewals-dialling/associate/list/renewals-2026q2",
        action=Action.ASSOCIATE,
        kind="Membership",
        name="spring-renewals-dialling",
        object_id=None,
        reason="member-missing",
        explanation="the manifest lists renewals-2026q2, and the ledger has no such association",
        source="memberships/spring.yaml:5",
        risk=Risk.UNVERIFIABLE,
        risk_reason="the API can't read back which lists a campaign has",
        unverifiable=True,
        changes=(change("member", False, True, Knowledge.UNKNOWN),),
        requests=(
            Request(
                method="PUT",
                path="/management/campaigns/{Campaign/spring-renewals}/lists",
                body={"ListId": "{List/renewals-2026q2}"},
            ),
        ),
        depends_on=("campaign/spring-renewals/create", "list/renewals-2026q2/create"),
        relation="campaign-list",
        subject=end("Campaign", "spring-renewals", None),
        members=(end("List", "renewals-2026q2", None),),
        certain=True,
    )


def associate_skill() -> Step:
    """Give two people a skill in one call."""
    return Step(
        id="membership/french-speakers/associate/8",
        action=Action.ASSOCIATE,
        kind="Membership",
        name="french-speakers",
        object_id=None,
        reason="member-missing",
        explanation="the manifest gives two users French at 8, and the ledger has no such record",
        source="memberships/skills.yaml:6",
        risk=Risk.UNVERIFIABLE,
        risk_reason="the API can't read back a user's skills",
        unverifiable=True,
        changes=(
            change("jane.doe", None, 8, Knowledge.UNKNOWN),
            change("sam.jones", 5, 8, Knowledge.RECORDED),
        ),
        requests=(
            Request(
                method="PUT",
                path="/management/users/skills",
                body={"SkillId": 12, "Proficiency": 8, "UserIds": [53, 54]},
            ),
        ),
        relation="skill-user",
        subject=End(kind="Skill", name="French", id=12),
        members=(end("User", "jane.doe", 53), end("User", "sam.jones", 54)),
        proficiency=8,
        certain=False,
    )


def disassociate_list() -> Step:
    """Take the last list off a campaign."""
    return Step(
        id="membership/winback-dialling/disassociate/list/lapsed-2025",
        action=Action.DISASSOCIATE,
        kind="Membership",
        name="winback-dialling",
        object_id=None,
        reason="member-not-listed",
        explanation="the ledger says that lapsed-2025 is in winback, and the manifest no longer lists it",
        source="memberships/winback.yaml:4",
        risk=Risk.DISRUPTIVE,
        risk_reason="takes the last list away from the running campaign winback",
        unverifiable=True,
        changes=(change("member", True, False, Knowledge.RECORDED),),
        requests=(Request(method="DELETE", path="/management/campaigns/42/lists", body={"ListId": 17}),),
        depends_on=("campaign/winback/set-status",),
        relation="campaign-list",
        subject=end("Campaign", "winback", 42),
        members=(end("List", "lapsed-2025", 17),),
    )


def switch(action: Action, name: str, *, before: Plain, after: Plain, risk: Risk, risk_reason: str = "") -> Step:
    """Switch a campaign's activity, status or type."""
    field = {Action.SET_STATUS: "status", Action.SET_TYPE: "type"}.get(action, "active")
    wire = {"status": "CampaignStatus", "type": "CampaignType", "active": "Active"}[field]
    suffix = {"status": "status", "type": "type", "active": "activityStatus"}[field]
    return Step(
        id=f"campaign/{name}/{action}",
        action=action,
        kind="Campaign",
        name=name,
        object_id=42,
        reason="field-differs",
        explanation=f"{field} differs from the manifest",
        source=f"campaigns/{name}.yaml:9",
        risk=risk,
        risk_reason=risk_reason,
        changes=(change(field, before, after),),
        requests=(Request(method="PATCH", path=f"/management/campaigns/42/{suffix}", body={wire: after}),),
        natural_key=name.title(),
        seen={field: before},
    )


def assessment(
    kind: str, name: str, status: Status, reason: str, *, fields: tuple[FieldAssessment, ...] = (), line: int = 1
) -> Assessment:
    """Assess an object."""
    return Assessment(
        address=Address(kind, name),
        status=status,
        reason=reason,
        id=None if status is Status.MISSING else 7,
        natural_key=name.replace("-", " ").title(),
        place=Place(f"{kind.lower()}s/{name}.yaml", line, 1),
        labels={"brand": "acme"},
        fields=fields,
    )


def field_assessment(
    name: str,
    desired: Plain,
    live: Plain,
    *,
    applied: Plain = None,
    mover: Mover = Mover.LIVE,
    knowledge: Knowledge = Knowledge.LIVE,
    operational: bool = False,
) -> FieldAssessment:
    """Assess a field that was last applied some weeks before."""
    return FieldAssessment(
        name=name,
        desired=desired,
        live=live,
        applied=applied,
        mover=mover,
        knowledge=knowledge,
        at=EARLIER,
        operational=operational,
    )


def plan_of(*steps: Step, unmanaged: Mapping[str, int] | None = None) -> Plan:
    """Return a plan of just these steps."""
    return Plan(target="production", url="https://acme.maxcontact.com", steps=steps, unmanaged=unmanaged or {})
