"""Lists of leads: the API document's List entity, List Methods and appendix 5."""

from __future__ import annotations

from reconciler.kinds.spec import Activity, FieldSpec, Form, KindSpec

LIST_TYPES = ("Follow Campaign", "Preview", "Acd")

LIST = KindSpec(
    name="List",
    plural="lists",
    path="/management/lists",
    natural_key="listName",
    fields=(
        FieldSpec(name="listName", wire="ListName", form=Form.TEXT),
        FieldSpec(name="description", wire="Description", form=Form.TEXT),
        FieldSpec(name="listType", wire="ListType", form=Form.CODE, codes=LIST_TYPES),
        FieldSpec(name="callerIdEnabled", wire="CallerIdEnabled", form=Form.BOOLEAN),
        FieldSpec(name="callerId", wire="CallerId", form=Form.TEXT),
        FieldSpec(name="maxCallbackDays", wire="MaxCallbackDays", form=Form.INTEGER),
        FieldSpec(name="useMaxCallbackDays", wire="UseMaxCallbackDays", form=Form.BOOLEAN, preserved_when_omitted=True),
        FieldSpec(name="maxCallbackDate", wire="MaxCallbackDate", form=Form.MOMENT),
        FieldSpec(name="fetchWeight", wire="FetchWeight", form=Form.INTEGER),
        FieldSpec(name="alertsEnabled", wire="AlertsEnabled", form=Form.BOOLEAN),
        FieldSpec(name="scriptingEnabled", wire="ScriptingEnabled", form=Form.BOOLEAN),
        FieldSpec(name="scriptProvider", wire="ScriptProvider", form=Form.CATALOGUED, group="scriptProviders"),
        FieldSpec(name="scriptId", wire="ScriptId", form=Form.CATALOGUED, group="scripts"),
        FieldSpec(name="script", wire="Script", form=Form.TEXT),
        FieldSpec(name="recallPlanId", wire="RecallPlanId", form=Form.CATALOGUED, group="recallPlans"),
        FieldSpec(name="callingTimePlanId", wire="CallingTimePlanId", form=Form.CATALOGUED, group="callingTimePlans"),
        FieldSpec(name="resultCodePlanId", wire="ResultCodePlanId", form=Form.CATALOGUED, group="resultCodePlans"),
        FieldSpec(name="ivrPlanId", wire="IvrPlanId", form=Form.CATALOGUED, group="ivrPlans"),
        FieldSpec(
            name="answerMachinePlanId", wire="AnswerMachinePlanId", form=Form.CATALOGUED, group="answerMachinePlans"
        ),
        FieldSpec(name="doNotCallPlanId", wire="DoNotCallPlanId", form=Form.CATALOGUED, group="doNotCallPlans"),
        FieldSpec(name="schedulePlanId", wire="SchedulePlanId", form=Form.CATALOGUED, group="schedulePlans"),
    ),
    activity=Activity(method="PUT", suffix="activitystatus"),
)
