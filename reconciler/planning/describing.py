"""What steps say of documents and values, shared by everything that makes steps."""

from __future__ import annotations

from reconciler.kinds.codec import display
from reconciler.kinds.registry import kind_named
from reconciler.kinds.spec import FieldSpec, KindSpec
from reconciler.model.address import Address
from reconciler.model.desired import DesiredMembership, DesiredObject
from reconciler.model.ledger import Custody
from reconciler.model.plan import Action, Objection
from reconciler.model.values import Plain, Scalar
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation

STATUS = "status"
RUNNING, NOT_RUNNING = 1, 0
"""Campaign status codes that matter for risk and order (the API document's appendix 2)."""


def source_of(wanted: DesiredObject | DesiredMembership) -> str:
    """Return where a document stands, as steps show it."""
    return f"{wanted.place.file}:{wanted.place.line}"


def custody_of(wanted: DesiredObject | DesiredMembership) -> Custody:
    """Return what of a document must outlive it."""
    return Custody(labels=dict(wanted.labels), protect=wanted.lifecycle.protect, on_removal=wanted.lifecycle.on_removal)


def show(situation: Situation, spec: FieldSpec, value: Scalar, refers: Address | None = None) -> Plain:
    """Return a field's value as a reviewer reads it: by the name of a code, catalogued Id or object."""
    if refers is not None:
        return refers.name
    if spec.refers_to:
        if not isinstance(value, int) or value == 0:
            return None
        end = situation.end_of(spec.refers_to, value)
        return end.name if end.managed or not end.name.isdigit() else value
    if spec.group and isinstance(value, int):
        return situation.desired.names.get(spec.group, {}).get(value, value)
    return display(spec, value)


def is_running(situation: Situation, binding: Binding) -> bool:
    """Return whether the object runs in the target right now."""
    return live_status(situation, binding) == RUNNING


def live_status(situation: Situation, binding: Binding) -> Scalar:
    """Return the status code in the target, or None for a kind that does not run."""
    live = binding.live
    if live is None or not runs(kind_named(live.kind)):
        return None
    return situation.value_of(live, STATUS)


def runs(spec: KindSpec) -> bool:
    """Return whether objects of a kind run: they have a status with an endpoint of its own."""
    return any(field.endpoint == Action.SET_STATUS for field in spec.fields)


def no_password(wanted: DesiredObject, step: str) -> Objection:
    """Return the objection to an update that needs a password which the manifest gives no source for."""
    return Objection(
        rule="no-password-source",
        message=f"{wanted.address} would be updated, which needs its password, and its manifest names no source",
        advice="add `password: {env: ...}` (or file, command), knowing that it is set again; or undo the change; or "
        "list the field under lifecycle.ignoreChanges",
        steps=(step,),
    )
