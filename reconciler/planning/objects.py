"""The steps of one declared object: adopt or create it, bring its fields over, then its type, status and activity."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.kinds.registry import kind_named
from reconciler.kinds.spec import FieldSpec
from reconciler.model.address import Reference
from reconciler.model.desired import DesiredObject
from reconciler.model.knowledge import Knowledge
from reconciler.model.plan import Action, Change, FieldValue, Risk, Step
from reconciler.model.problem import Problem
from reconciler.model.values import Plain, plain
from reconciler.planning.comparing import FieldComparison
from reconciler.planning.describing import STATUS, custody_of, no_password, show, source_of
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, object_step_id
from reconciler.planning.switches import add_activity, add_code, plan_activity


def plan_create(situation: Situation, sketch: Sketch, binding: Binding) -> None:
    """Add the steps of an object that does not exist: create, fields put off by a cycle, activity, status."""
    wanted = binding.desired
    spec = kind_named(wanted.address.kind)
    missing = [name for name in spec.required_on_create if name not in wanted.fields]
    if spec.password and wanted.password is None:
        missing.append("password")
    if missing:
        sketch.problems.append(
            Problem(
                rule="required-on-create",
                message=f"{wanted.address} does not exist yet and cannot be created without {', '.join(missing)}",
                place=wanted.place,
                path="spec",
                advice=f"add {', '.join(missing)}, or set metadata.id if it exists under another name",
            )
        )
        return
    put_off = sketch.deferred.get(wanted.address, set())
    names = [f for f in spec.fields if f.name in wanted.fields and f.endpoint != Action.SET_STATUS]
    at_once = [field for field in names if field.name not in put_off]
    sketch.add(
        Step(
            id=object_step_id(wanted.address, Action.CREATE),
            action=Action.CREATE,
            kind=spec.name,
            name=wanted.address.name,
            object_id=None,
            reason="missing-live",
            explanation=f"no {spec.name.lower()} named {wanted.natural_key!r} exists in the target",
            source=source_of(wanted),
            changes=tuple(_created(situation, wanted, field) for field in at_once),
            natural_key=wanted.natural_key,
            values=tuple(_wanted_value(situation, wanted, field) for field in at_once),
            password=wanted.password if spec.password else None,
            custody=custody_of(wanted),
            rotation=_rotation(wanted),
        )
    )
    if put_off:
        later = [field for field in names if field.name in put_off]
        _add_update(situation, sketch, binding, [_created(situation, wanted, field) for field in later], "cycle", later)
    if wanted.active is not None:
        add_activity(situation, sketch, binding, wanted.active, "declared")
    status = wanted.fields.get(STATUS)
    if isinstance(status, int):
        add_code(situation, sketch, binding, (Action.SET_STATUS, status), "declared")


def plan_existing(
    situation: Situation, sketch: Sketch, binding: Binding, comparisons: Sequence[FieldComparison]
) -> None:
    """Add the steps of an object that exists: adopt it if the ledger does not know it, then what differs."""
    if binding.is_adopted:
        _adopt(situation, sketch, binding, comparisons)
    planned = [item for item in comparisons if item.planned]
    updates = [item for item in planned if not item.spec.endpoint and not item.spec.joined_by]
    rotates = _rotates(binding)
    if updates or rotates:
        changes = [_changed(situation, item) for item in updates]
        if rotates:
            changes.append(_rotation_change(binding))
        _add_update(situation, sketch, binding, changes, "differs", updates, comparisons)
    for item in planned:
        if item.spec.endpoint and isinstance(item.wanted, int):
            reason = "differs" if not item.operational else _operational_reason(situation, binding, item)
            add_code(situation, sketch, binding, (Action(item.spec.endpoint), item.wanted), reason)
    plan_activity(situation, sketch, binding)


def _adopt(situation: Situation, sketch: Sketch, binding: Binding, comparisons: Sequence[FieldComparison]) -> None:
    wanted, live = binding.desired, binding.live
    assert live is not None
    kept = [item for item in comparisons if not item.planned]
    sketch.add(
        Step(
            id=object_step_id(wanted.address, Action.ADOPT),
            action=Action.ADOPT,
            kind=live.kind,
            name=wanted.address.name,
            object_id=live.id,
            reason=str(binding.found),
            explanation=f"the target has it as Id {live.id}, and the ledger does not know it yet",
            source=source_of(wanted),
            natural_key=wanted.natural_key,
            values=tuple(FieldValue(name=item.spec.name, value=plain(item.wanted)) for item in kept),
            custody=custody_of(wanted),
            rotation=_rotation(wanted),
        )
    )


def _add_update(
    situation: Situation,
    sketch: Sketch,
    binding: Binding,
    changes: list[Change],
    reason: str,
    fields: Sequence[FieldComparison | FieldSpec],
    comparisons: Sequence[FieldComparison] = (),
) -> None:
    wanted, live = binding.desired, binding.live
    spec = kind_named(wanted.address.kind)
    identifier = object_step_id(wanted.address, Action.UPDATE)
    sends_password = spec.password
    if sends_password and wanted.password is None:
        sketch.objections.append(no_password(wanted, identifier))
    sketch.add(
        Step(
            id=identifier,
            action=Action.UPDATE,
            kind=spec.name,
            name=wanted.address.name,
            object_id=live.id if live else None,
            reason="deferred-reference" if reason == "cycle" else _update_reason(binding, fields),
            explanation=(
                "set once the object that it refers to exists"
                if reason == "cycle"
                else _update_explanation(fields, changes)
            )
            + (f"; the password is set again, from {wanted.password}" if sends_password and wanted.password else ""),
            source=source_of(wanted),
            risk=Risk.DISRUPTIVE if sends_password else Risk.NONE,
            risk_reason="the password is set again: the API requires one with every update"
            if sends_password and wanted.password
            else "",
            changes=tuple(changes),
            natural_key=wanted.natural_key,
            values=tuple(_value(situation, wanted, field) for field in fields),
            seen={
                item.spec.name: plain(item.live)
                for item in comparisons
                if not item.spec.endpoint and not item.spec.joined_by and (item.planned or not item.operational)
            },
            password=wanted.password if sends_password else None,
            custody=custody_of(wanted),
            rotation=_rotation(wanted),
        )
    )


def _value(situation: Situation, wanted: DesiredObject, field: FieldComparison | FieldSpec) -> FieldValue:
    if isinstance(field, FieldSpec):
        return _wanted_value(situation, wanted, field)
    return FieldValue(name=field.spec.name, value=plain(field.wanted), refers=field.refers)


def _wanted_value(situation: Situation, wanted: DesiredObject, field: FieldSpec) -> FieldValue:
    value = wanted.fields[field.name]
    if not isinstance(value, Reference):
        return FieldValue(name=field.name, value=plain(value))
    end = situation.end(value) if value.id != 0 else None
    if end is None:
        return FieldValue(name=field.name, value=0)
    if end.id is None:
        return FieldValue(name=field.name, refers=end.address)
    return FieldValue(name=field.name, value=end.id)


def _created(situation: Situation, wanted: DesiredObject, field: FieldSpec) -> Change:
    value = wanted.fields[field.name]
    if isinstance(value, Reference):
        after: Plain = value.key or value.name or value.id
    else:
        after = show(situation, field, value)
    return Change(field=field.name, before=None, after=after)


def _changed(situation: Situation, item: FieldComparison) -> Change:
    return Change(
        field=item.spec.name,
        before=show(situation, item.spec, item.live),
        after=show(situation, item.spec, item.wanted, item.refers),
    )


def _rotation(wanted: DesiredObject) -> int | None:
    return None if wanted.password is None else wanted.password.rotation or 0


def _rotates(binding: Binding) -> bool:
    if binding.record is None or binding.desired.password is None:
        return False
    return (binding.desired.password.rotation or 0) > (binding.record.rotation or 0)


def _rotation_change(binding: Binding) -> Change:
    assert binding.record is not None
    assert binding.desired.password is not None
    return Change(
        field="password.rotation",
        before=binding.record.rotation or 0,
        after=binding.desired.password.rotation,
        knowledge=Knowledge.RECORDED,
    )


def _operational_reason(situation: Situation, binding: Binding, item: FieldComparison) -> str:
    if item.was_applied and item.wanted != item.applied:
        return "git-changed"
    if situation.policy.reassert:
        return "reassert"
    return "restore-after-emergency" if item.was_applied or not situation.is_ours(binding) else "declared"


def _update_reason(binding: Binding, fields: Sequence[FieldComparison | FieldSpec]) -> str:
    natural_key = kind_named(binding.desired.address.kind).natural_key
    names = [item.spec.name for item in fields if isinstance(item, FieldComparison)]
    if not names:
        return "password-rotation"
    return "renamed" if natural_key in names else "differs"


def _update_explanation(fields: Sequence[FieldComparison | FieldSpec], changes: Sequence[Change]) -> str:
    movers = {item.mover for item in fields if isinstance(item, FieldComparison)}
    told = {str(mover) for mover in movers}
    names = ", ".join(change.field for change in changes)
    match sorted(told):
        case ["git"]:
            return f"Git changed {names} since the last apply"
        case ["live"]:
            return f"someone changed {names} in the target since the last apply"
        case ["unknown"]:
            return f"{names} in the target is not as declared"
        case []:
            return f"Git changed {names}"
        case _:
            return f"{names} moved in Git and in the target since the last apply; Git wins"
