"""How objects belong together: the association methods of the API document. None of them can be read back."""

from __future__ import annotations

from reconciler.kinds.spec import RelationSpec

SKILL = "Skill"
"""Skills have no endpoint and no document of their own: only an Id, perhaps a name from a catalog."""

USER_TEAMS = "userTeams"
"""What the ledger calls the learned answer (one, many) to: can a user be in several teams?"""

ASSOCIATE_SETS_PRIMARY = "associate-sets-primary"
"""What the ledger calls the learned answer (yes, when-empty, no) to: does associating change a user's primary team?"""

CAMPAIGN_LIST = RelationSpec(
    name="campaign-list",
    subject="Campaign",
    member="List",
    manifest_key="lists",
    path="/management/campaigns/{subject}/lists",
    property="ListId",
)
CAMPAIGN_TEAM = RelationSpec(
    name="campaign-team",
    subject="Campaign",
    member="Team",
    manifest_key="teams",
    path="/management/campaigns/{subject}/teams",
    property="TeamId",
)
TEAM_USER = RelationSpec(
    name="team-user",
    subject="Team",
    member="User",
    manifest_key="users",
    path="/management/teams/{subject}/users",
    property="UserId",
    primary="team",
)
SKILL_USER = RelationSpec(
    name="skill-user",
    subject=SKILL,
    member="User",
    manifest_key="users",
    path="/management/users/skills",
    property="UserIds",
    grouped=True,
)
