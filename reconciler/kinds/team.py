"""Teams: the API document's Team entity and Team Methods."""

from __future__ import annotations

from reconciler.kinds.spec import Activity, FieldSpec, Form, KindSpec

TEAM = KindSpec(
    name="Team",
    plural="teams",
    path="/management/teams",
    natural_key="teamName",
    fields=(
        FieldSpec(name="teamName", wire="TeamName", form=Form.TEXT),
        FieldSpec(name="primarySupervisor", wire="PrimarySupervisorId", form=Form.REFERENCE, refers_to="User"),
        FieldSpec(name="maxCallbacksPerDay", wire="MaxCallbacksPerDay", form=Form.INTEGER),
        FieldSpec(name="serviceTime", wire="ServiceTime", form=Form.INTEGER),
        FieldSpec(name="hoursPerWorkingDay", wire="HoursPerWorkingDay", form=Form.DECIMAL),
        FieldSpec(name="wellBeingDeckId", wire="WellBeingDeckId", form=Form.CATALOGUED, group="wellBeingDecks"),
    ),
    activity=Activity(method="PUT", suffix="activitystatus"),
    echoed=("TenantId",),
)
