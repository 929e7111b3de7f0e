"""The plan as a JSON document: the published contract first, then what it takes to apply it later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.json_text import digest_of
from reconciler.model.plain_form import camel, from_plain, to_plain
from reconciler.model.plan import FORMAT_VERSION, Action, End, Plan, Step

ASSOCIATION = "Membership"
DIGEST = "digest"

_SUMMARY = (
    Action.CREATE,
    Action.UPDATE,
    Action.ADOPT,
    Action.ASSOCIATE,
    Action.DISASSOCIATE,
    Action.ACTIVATE,
    Action.DEACTIVATE,
    Action.SET_STATUS,
    Action.SET_TYPE,
)
_PLAN_ADDITIONS = ("objections", "releases", "unmanaged", "assessments", "bookkeeping", "basis", "timezone", "floor")
_STEP_CONTRACT = (
    "id",
    "action",
    "kind",
    "name",
    "objectId",
    "risk",
    "reason",
    "source",
    "changes",
    "requests",
    "dependsOn",
)


def plan_document(plan: Plan) -> dict[str, Any]:
    """
    Return the plan's JSON document; the same plan gives the same document.

    `digest` covers all of it, so that a saved plan that was cut or edited is noticed. It is no signature: whoever may
    write the file can also write a new digest.
    """
    values = to_plain(plan)
    document: dict[str, Any] = {
        "formatVersion": FORMAT_VERSION,
        "target": {"name": plan.target, "url": plan.url},
        "summary": summary(plan),
        "steps": [_step_document(step) for step in plan.steps],
        "warnings": values["warnings"],
        "unverifiable": values["unverifiable"],
        "knowledge": values["knowledge"],
    }
    document |= {name: values[name] for name in _PLAN_ADDITIONS}
    return document | {DIGEST: digest_of(document)}


def summary(plan: Plan) -> dict[str, int]:
    """Return the counts of the contract's `summary`."""
    counts = {camel(action.value.replace("-", "_")): plan.count(action) for action in _SUMMARY}
    return counts | {"total": len(plan.steps), "unverifiable": plan.unverifiable_steps}


def plan_from_document(document: Mapping[str, Any]) -> Plan:
    """Return the plan that a document was made of; raises ValueError, naming the place, when it is not one."""
    target = from_plain(dict[str, str], document.get("target"), "target")
    steps = from_plain(tuple[dict[str, object], ...], document.get("steps"), "steps")
    values = {**document, "target": target.get("name"), "url": target.get("url")}
    return from_plain(Plan, values | {"steps": [_step_values(step) for step in steps]})


def _step_document(step: Step) -> dict[str, Any]:
    values: dict[str, Any] = to_plain(step)
    document: dict[str, Any] = {name: values.pop(name) for name in _STEP_CONTRACT}
    if step.subject is None:
        return document | values
    document["kind"] = ASSOCIATION
    document["subject"] = _end(step.subject)
    document["member"] = _member(step.members)
    del values["subject"]
    return document | values | {"subjectManaged": step.subject.managed, "document": str(step.address)}


def _step_values(document: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(document)
    if isinstance(values.get("subject"), dict):
        values["subject"] = {**values["subject"], "managed": values.pop("subjectManaged", False)}
        values["kind"] = str(values.pop("document", "")).removesuffix(f"/{values.get('name')}")
    return values


def _end(end: End) -> dict[str, Any]:
    return {"kind": end.kind, "name": end.name, "id": end.id}


def _member(members: tuple[End, ...]) -> dict[str, Any]:
    """Name the member; several of one call share one entry, and `members` lists each."""
    if len(members) == 1:
        return _end(members[0])
    kinds = sorted({member.kind for member in members})
    return {"kind": ", ".join(kinds), "name": ", ".join(member.name for member in members), "id": None}
