"""Steps with an endpoint of their own: an object's activity, a campaign's status and type."""

from __future__ import annotations

from reconciler.kinds.codec import display
from reconciler.kinds.registry import kind_named
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.plan import Action, Change, FieldValue, Objection, Risk, Step
from reconciler.planning.comparing import owned_elsewhere
from reconciler.planning.describing import NOT_RUNNING, STATUS, is_running, source_of
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, object_step_id


def plan_activity(situation: Situation, sketch: Sketch, binding: Binding) -> None:
    """Add the step for an existing object whose activity is not as declared, or not known to be."""
    wanted, live = binding.desired, binding.live
    assert live is not None
    spec = kind_named(live.kind)
    if not manages_activity(situation, binding):
        return
    assert wanted.active is not None
    known = situation.activity(spec, live)
    if known.value == wanted.active and not (situation.policy.reassert and known.mark is not Knowledge.LIVE):
        return
    reason = "differs" if known.mark is Knowledge.LIVE else "not-recorded"
    if known.value == wanted.active:
        reason = "reassert"
    elif known.value is not None:
        reason = "differs"
    add_activity(situation, sketch, binding, wanted.active, reason)


def manages_activity(situation: Situation, binding: Binding) -> bool:
    """Return whether Git decides this existing object's activity in this run."""
    wanted = binding.desired
    spec = kind_named(wanted.address.kind)
    if wanted.active is None or "active" in wanted.lifecycle.ignore_changes:
        return False
    return not owned_elsewhere(spec, wanted, binding.live, situation)


def add_activity(situation: Situation, sketch: Sketch, binding: Binding, active: bool, reason: str) -> None:
    """Add the step that takes an object in or out of use."""
    wanted, live = binding.desired, binding.live
    spec = kind_named(wanted.address.kind)
    known = situation.activity(spec, live) if live is not None else Fact(value=None, mark=Knowledge.UNKNOWN)
    action = Action.ACTIVATE if active else Action.DEACTIVATE
    running = live is not None and is_running(situation, binding)
    readable = spec.activity.readable or known.mark is Knowledge.LIVE
    disruptive = running and not active
    sketch.add(
        Step(
            id=object_step_id(wanted.address, action),
            action=action,
            kind=spec.name,
            name=wanted.address.name,
            object_id=live.id if live else None,
            reason=reason,
            explanation=_activity_explanation(reason, active=active),
            source=source_of(wanted),
            risk=Risk.DISRUPTIVE if disruptive else Risk.NONE if readable else Risk.UNVERIFIABLE,
            risk_reason="the campaign is running: its agents stop dialling"
            if disruptive
            else ""
            if readable
            else f"whether a {spec.name.lower()} is active cannot be read back",
            unverifiable=not readable,
            changes=(Change(field="active", before=known.value, after=active, knowledge=known.mark),),
            natural_key=wanted.natural_key,
            certain=known.value is not None,
        )
    )
    if not disruptive:
        return
    if wanted.fields.get(STATUS) == NOT_RUNNING:
        # Operational or not: a campaign is never taken out of use while it runs.
        if not sketch.has(wanted.address, Action.SET_STATUS):
            add_code(situation, sketch, binding, (Action.SET_STATUS, NOT_RUNNING), "before-deactivation")
    else:
        sketch.objections.append(
            Objection(
                rule="running-campaign",
                message=f"{wanted.address} is running and would be deactivated",
                advice="ask for `status: Not Running` in its manifest first, so that the stop is reviewed as such",
                steps=(object_step_id(wanted.address, action),),
            )
        )


def add_code(situation: Situation, sketch: Sketch, binding: Binding, switch: tuple[Action, int], reason: str) -> None:
    """Add the step that sets a campaign's status or type through its own endpoint."""
    wanted, live = binding.desired, binding.live
    action, code = switch
    spec = kind_named(wanted.address.kind)
    field = next(candidate for candidate in spec.fields if candidate.endpoint == action)
    before = situation.value_of(live, field.name) if live is not None else None
    running = live is not None and is_running(situation, binding)
    sketch.add(
        Step(
            id=object_step_id(wanted.address, action),
            action=action,
            kind=spec.name,
            name=wanted.address.name,
            object_id=live.id if live else None,
            reason=reason,
            explanation=_CODE_EXPLANATIONS.get(reason, f"the target has another {field.name}"),
            source=source_of(wanted),
            risk=Risk.DISRUPTIVE if running else Risk.NONE,
            risk_reason="the campaign is running: agents on it feel the change at once" if running else "",
            changes=(Change(field=field.name, before=display(field, before), after=display(field, code)),),
            natural_key=wanted.natural_key,
            values=(FieldValue(name=field.name, value=code),),
        )
    )


_CODE_EXPLANATIONS = {
    "declared": "as declared, after everything that it depends on",
    "git-changed": "its manifest changed since the last apply",
    "reassert": "asked for by --reassert, although the floor may have set it",
    "restore-after-emergency": "a global emergency changed it, and the emergency is over",
    "before-deactivation": "a campaign is stopped before it is taken out of use",
}


def _activity_explanation(reason: str, *, active: bool) -> str:
    match reason:
        case "declared":
            return "as declared, after everything that it depends on"
        case "not-recorded":
            return "whether it is active cannot be read, and was never recorded"
        case "reassert":
            return "asked for by --reassert, although the ledger says that it holds"
        case "removed":
            return "its document was removed from Git, and onRemoval is deactivate"
        case _:
            live = "out of use" if active else "in use"
            return f"its manifest says active: {str(active).lower()}, and the target has it {live}"
