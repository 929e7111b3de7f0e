"""
Accept what moved in the target: choose the drifted values that the manifests are to take over.

Only what the drift report calls moved is ever chosen: a change in Git that was not applied yet is not drift, and is not
undone here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from reconciler.errors import UsageError
from reconciler.kinds.codec import read_active, read_field
from reconciler.kinds.registry import MEMBERSHIP, kind_named
from reconciler.kinds.requests import ACTIVE
from reconciler.kinds.spec import FieldSpec, Form
from reconciler.model.acceptance import Declined, Proposal
from reconciler.model.address import Address
from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.desired import DesiredInventory
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.plan import Plan
from reconciler.model.values import Scalar
from reconciler.planning.matching import Bindings, match

_ACTIVE = ACTIVE.lower()
_NUMBERS = {Form.INTEGER, Form.DECIMAL, Form.CATALOGUED, Form.BOOLEAN, Form.CODE}


def choose(
    patterns: Sequence[str],
    plan: Plan,
    *,
    desired: DesiredInventory,
    live: LiveInventory,
    ledger: Ledger,
    timezone: str,
) -> tuple[tuple[Proposal, ...], tuple[Declined, ...]]:
    """
    Return the drifted values that `KIND/NAME` and `KIND/NAME.field` globs select, and what can't be taken over.

    Raises UsageError for a pattern that names no document or no field of one: a slip must not look like "no drift".
    """
    _check_patterns(patterns, desired)
    bindings = match(desired, live, ledger)
    zone = ZoneInfo(timezone)
    proposals: list[Proposal] = []
    declined: list[Declined] = []
    for found in sorted(plan.assessments, key=lambda each: each.address):
        if found.status is Status.UNMANAGED:
            continue
        if found.status is Status.MISSING and _selects(patterns, found.address):
            declined.append(_gone(found))
        for part in found.fields:
            if not _has_moved(part) or not _selects(patterns, found.address, part.name):
                continue
            holder = live.get(found.address.kind, found.id) if found.id is not None else None
            chosen = _propose(found, part, holder, zone=zone, names=(live, bindings))
            if isinstance(chosen, Proposal):
                proposals.append(chosen)
            else:
                declined.append(chosen)
    return tuple(proposals), tuple(declined)


def _has_moved(part: FieldAssessment) -> bool:
    if part.settled:
        return False
    never_applied = part.mover is Mover.NOBODY_KNOWS and part.knowledge is Knowledge.LIVE
    return part.mover in (Mover.LIVE, Mover.BOTH) or never_applied


def _propose(
    found: Assessment,
    part: FieldAssessment,
    holder: LiveObject | None,
    *,
    zone: ZoneInfo,
    names: tuple[LiveInventory, Bindings],
) -> Proposal | Declined:
    address = found.address
    if address.kind == MEMBERSHIP or holder is None:
        advice = "edit the document: members are not taken over, since the API lists none"
        return Declined(address=address, field=part.name, reason="a membership moved", advice=advice)
    spec = None if part.name == _ACTIVE else kind_named(address.kind).field(part.name)
    value: Scalar = read_active(holder.entity) if spec is None else read_field(spec, holder.entity, zone)
    if not _can_be_said(spec, value):
        return Declined(
            address=address,
            field=part.name,
            reason="the target has no value there that a manifest could say",
            advice="remove the field from the manifest to stop managing it",
        )
    key, live_name = _names_of(spec, value, *names)
    return Proposal(
        address=address,
        field=part.name,
        value=value,
        before=part.desired,
        after=part.live,
        key=key,
        live_name=live_name,
    )


def _can_be_said(spec: FieldSpec | None, value: Scalar) -> bool:
    """Return whether a live value has a form in a manifest; what the codec did not understand is text."""
    if value is None:
        return False
    if spec is None:
        return True
    if spec.form is Form.MOMENT:
        return value != ""
    return not (spec.form in _NUMBERS and isinstance(value, str))


def _names_of(spec: FieldSpec | None, value: Scalar, live: LiveInventory, bindings: Bindings) -> tuple[str, str]:
    """Return the key and the unambiguous live name of what a reference points at."""
    if spec is None or not spec.refers_to or not isinstance(value, int) or value == 0:
        return "", ""
    claim = bindings.of(spec.refers_to, value)
    referred = live.get(spec.refers_to, value)
    name = referred.natural_key if referred is not None else ""
    alone = live.ids_named(spec.refers_to, name) == (value,)
    return (claim.desired.address.name if claim is not None else ""), (name if alone else "")


def _gone(found: Assessment) -> Declined:
    return Declined(
        address=found.address,
        field="",
        reason="the target no longer has it",
        advice="remove its document to accept that, or apply to make it anew",
    )


def _selects(patterns: Sequence[str], address: Address, field: str = "") -> bool:
    return any(
        _matches(pattern, str(address)) or (field != "" and _matches(pattern, f"{address}.{field}"))
        for pattern in patterns
    )


def _matches(pattern: str, text: str) -> bool:
    """Match a glob; the kind's case is forgiven."""
    kind, slash, rest = pattern.partition("/")
    own, _, name = text.partition("/")
    return bool(slash) and fnmatchcase(own.lower(), kind.lower()) and fnmatchcase(name, rest)


def _check_patterns(patterns: Sequence[str], desired: DesiredInventory) -> None:
    known = set(_selectable(desired))
    lost = [pattern for pattern in patterns if not any(_matches(pattern, text) for text in known)]
    if lost:
        raise UsageError(
            f"--accept {' '.join(lost)}: no document or managed field of one is named like that",
            hint="write it like --accept Campaign/spring-renewals or --accept 'Campaign/*.targetDropPercent'; a field "
            "that the manifest does not have is not managed, and so is not added",
        )


def _selectable(desired: DesiredInventory) -> Iterator[str]:
    for address, wanted in desired.objects.items():
        yield str(address)
        yield from (f"{address}.{name}" for name in wanted.fields)
        if wanted.active is not None:
            yield f"{address}.{_ACTIVE}"
    for membership in desired.memberships:
        yield str(membership.address)
