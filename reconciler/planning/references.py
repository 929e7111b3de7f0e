"""References that lead nowhere, said all at once with their place and the way out."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds.registry import kind_named
from reconciler.kinds.relations import SKILL
from reconciler.model.address import Reference
from reconciler.model.problem import Place, Problem
from reconciler.planning.scope import in_scope
from reconciler.planning.situation import Situation


def reference_problems(situation: Situation) -> Iterator[Problem]:
    """Yield a problem for every reference of a document in scope that cannot be resolved against the target."""
    for wanted in situation.desired.objects.values():
        if not situation.selects(wanted):
            continue
        for name, value in wanted.fields.items():
            if isinstance(value, Reference) and value.id != 0:
                yield from _check(situation, value, wanted.place, f"spec.{name}")
    for membership in situation.desired.memberships:
        if not in_scope(situation.policy.scope, membership.address, membership.labels):
            continue
        yield from _check(situation, membership.subject, membership.place, "spec")
        for member in membership.members:
            yield from _check(situation, member.reference, member.place, "spec")


def name_problems(situation: Situation) -> Iterator[Problem]:
    """
    Yield a problem for every rename to a name that another live object has.

    The API has no delete, so two objects of one name stay two for ever, and nobody could match them by name again.
    """
    for address, binding in situation.bindings.by_address.items():
        wanted, live = binding.desired, binding.live
        if live is None or wanted.remote_id is not None or wanted.natural_key == live.natural_key:
            continue
        for object_id in situation.live.ids_named(address.kind, wanted.natural_key):
            holder = situation.bindings.of(address.kind, object_id)
            if situation.selects(wanted) and (holder is None or holder.desired.natural_key == wanted.natural_key):
                yield Problem(
                    rule="name-taken",
                    message=f"{address} would be renamed to {wanted.natural_key!r}, which {address.kind.lower()} Id "
                    f"{object_id} is named already",
                    place=wanted.place,
                    path=f"spec.{kind_named(address.kind).natural_key}",
                    expected="a name that no other live object has",
                    advice=f"choose another name; or set metadata.id: {object_id} if that one is meant, or "
                    f"metadata.id: {live.id} if both are to have the name",
                )


def _check(situation: Situation, reference: Reference, place: Place, path: str) -> Iterator[Problem]:
    if reference.kind == SKILL:
        return
    if reference.address is not None:
        yield from _check_document(situation, reference, place, path)
        return
    plural = kind_named(reference.kind).plural
    if reference.id is not None:
        if situation.live.get(reference.kind, reference.id) is None:
            yield Problem(
                rule="reference-gone",
                message=f"no {reference.kind.lower()} with Id {reference.id} exists in the target",
                place=place,
                path=path,
                advice="correct the Id, or refer to it by {name: ...}",
            )
        return
    ids = situation.live.ids_named(reference.kind, reference.name)
    if len(ids) == 1:
        return
    found = f"{len(ids)} live {plural} have it: Ids {', '.join(str(i) for i in ids)}" if ids else f"no live {plural}"
    yield Problem(
        rule="reference-ambiguous" if ids else "reference-gone",
        message=f"the name {reference.name!r} does not lead to one {reference.kind.lower()} ({found})",
        place=place,
        path=path,
        advice="refer to it by {id: ...}" if ids else "correct the name, or declare it here",
    )


def _check_document(situation: Situation, reference: Reference, place: Place, path: str) -> Iterator[Problem]:
    end = situation.end(reference)
    if end is None:
        # A dangling key is an offline rule; here the document exists but could not be matched, which is said there.
        return
    if end.id is None and not situation.will_exist(end):
        yield Problem(
            rule="reference-out-of-scope",
            message=f"{reference} does not exist in the target yet and is outside the selection",
            place=place,
            path=path,
            advice=f"add --only {reference}, or plan without narrowing",
        )
