"""What a plan rests on, and whether it still holds: checked once more before the first write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from reconciler.errors import StaleError
from reconciler.kinds.registry import kind_named
from reconciler.kinds.relations import SKILL
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.plan import Action, Basis, Plan, Step

ABSENT = "absent"


def basis(steps: Iterable[Step], live: LiveInventory, ledger: Ledger, manifests: str) -> Basis:
    """Return what these steps rest on: the ledger's serial, the manifests, and every live object that they touch."""
    prints: dict[str, str] = {}
    for step in steps:
        for kind, object_id in _touched(step):
            prints[f"{kind}#{object_id}"] = _fingerprint(live.get(kind, object_id))
        if step.action is Action.CREATE:
            prints[f"{step.kind}={step.natural_key}"] = ABSENT
    return Basis(
        lineage=ledger.lineage,
        serial=ledger.serial,
        manifests=manifests,
        fingerprints={name: prints[name] for name in sorted(prints)},
    )


def check(plan: Plan, *, live: LiveInventory, ledger: Ledger, manifests: str | None = None) -> None:
    """
    Raise StaleError when the ledger, the manifests or a live object that the plan touches is not as the plan saw it.

    `manifests` is the digest of the documents read now, or None when there are none to compare (a saved plan alone).
    """
    moved: list[str] = []
    if plan.basis.lineage and ledger.lineage != plan.basis.lineage:
        moved.append("the ledger is another one (its lineage differs)")
    elif ledger.serial != plan.basis.serial:
        moved.append(f"the ledger was written since (serial {plan.basis.serial} is {ledger.serial} now)")
    if manifests is not None and plan.basis.manifests and manifests != plan.basis.manifests:
        moved.append("the manifests were changed since")
    for name, print_then in plan.basis.fingerprints.items():
        if _fingerprint_now(name, live) != print_then:
            moved.append(f"{_described(name)} {'exists by now' if print_then == ABSENT else 'was changed since'}")
    if moved:
        raise StaleError(
            "the plan is stale, and nothing was sent: " + "; ".join(moved),
            hint="make the plan again, review what changed, and apply that one",
        )


def _touched(step: Step) -> Iterable[tuple[str, int]]:
    if step.subject is not None:
        for end in (step.subject, *step.members):
            if end.id is not None and end.kind != SKILL:
                yield end.kind, end.id
    elif step.object_id is not None:
        yield step.kind, step.object_id


def _fingerprint_now(name: str, live: LiveInventory) -> str:
    kind, mark, key = name.partition("=")
    if mark and "#" not in kind:
        return ABSENT if not live.ids_named(kind, key) else "present"
    kind, _, number = name.partition("#")
    return _fingerprint(live.get(kind, int(number)))


def _fingerprint(live: LiveObject | None) -> str:
    if live is None:
        return ABSENT
    text = json.dumps(dict(live.entity), sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _described(name: str) -> str:
    kind, mark, key = name.partition("=")
    if mark and "#" not in kind:
        return f"a {kind.lower()} named {key!r}"
    kind, _, number = name.partition("#")
    return f"{kind_named(kind).name.lower()} Id {number}"
