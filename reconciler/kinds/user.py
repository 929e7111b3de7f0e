"""Users: the API document's User entity and User Methods."""

from __future__ import annotations

from reconciler.kinds.spec import Activity, FieldSpec, Form, KindSpec

USER = KindSpec(
    name="User",
    plural="users",
    path="/management/users",
    natural_key="login",
    fields=(
        FieldSpec(name="firstName", wire="FirstName", form=Form.TEXT, identity=True),
        FieldSpec(name="lastName", wire="LastName", form=Form.TEXT, identity=True),
        FieldSpec(name="login", wire="Login", form=Form.TEXT),
        FieldSpec(name="rolePlanId", wire="RolePlanId", form=Form.CATALOGUED, group="rolePlans", identity=True),
        FieldSpec(name="useRTC", wire="UseRTC", form=Form.BOOLEAN),
        FieldSpec(name="extension", wire="Extension", form=Form.TEXT),
        FieldSpec(name="autoLogon", wire="AutoLogon", form=Form.INTEGER),
        FieldSpec(name="team", wire="TeamId", form=Form.REFERENCE, refers_to="Team", joined_by="team-user"),
        FieldSpec(
            name="agentCapacityPlanId",
            wire="AgentCapacityPlanId",
            form=Form.CATALOGUED,
            group="agentCapacityPlans",
        ),
        FieldSpec(name="ssoActive", wire="SSOActive", form=Form.BOOLEAN, identity=True),
    ),
    activity=Activity(method="PATCH", suffix="activitystatus"),
    required_on_create=("firstName", "lastName", "rolePlanId"),
    password=True,
    login=True,
    identity_flag="ssoActive",
)
