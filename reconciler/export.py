"""
Turn live configuration into documents: the way in for whoever has a contact centre and no manifests.

    name      what every live object is called in Git        exporting.naming
    choose    which of them come                             here
    describe  a document each, references and codes by name  exporting.objects
    members   what the ledger knows, stubs for the rest      exporting.memberships

Nothing here reads or writes anything: the same input gives the same documents, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from reconciler.exporting.memberships import memberships_of, skills
from reconciler.exporting.naming import document_of, name_objects
from reconciler.exporting.objects import describe
from reconciler.exporting.view import Accepts, View, activity, known_links, known_owners
from reconciler.kinds.registry import KINDS, kind_named
from reconciler.model.address import Address
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.manifest import Choice, Declared, Export, Manifest
from reconciler.model.policy import Policy


def export(
    *, live: LiveInventory, ledger: Ledger, policy: Policy, declared: Declared, choice: Choice, accepts: Accepts
) -> Export:
    """
    Return the documents of the chosen live objects.

    `declared` is what Git has already: its names are kept. `accepts` says whether a field can hold a value.
    Nothing is raised: what no document can hold is among the omissions.
    """

    def can_name(each: LiveObject) -> bool:
        return accepts(each.kind, kind_named(each.kind).natural_key, each.natural_key)

    names = name_objects(live, ledger, declared, can_name=can_name)
    in_git = {(each.kind, each.id) for each in live if document_of(each, live, declared) in declared.present}
    asked_for = [each for each in live if _is_chosen(each, names, ledger, choice, in_git)]
    chosen = tuple(each for each in asked_for if not is_protected(each, policy))
    view = View(
        live=live,
        ledger=ledger,
        policy=policy,
        declared=declared,
        choice=choice,
        accepts=accepts,
        zone=ZoneInfo(policy.timezone),
        names=names,
        chosen=tuple(sorted(chosen, key=lambda each: (_ORDER[each.kind], names[each.kind, each.id]))),
        documented=frozenset(in_git | {(each.kind, each.id) for each in chosen}),
        links=known_links(ledger),
        owners=known_owners(ledger),
        taken={*declared.addresses, *map(Address.parse, ledger.memberships)},
    )
    manifests: list[Manifest] = []
    for each in view.chosen:
        manifests.append(describe(view, each))
        manifests.extend(memberships_of(view, each))
    manifests.extend(skills(view))
    for each in asked_for:
        if is_protected(each, policy):
            view.omit(f"{each.kind} {each.natural_key}", "a protected login, which is never written to")
    return Export(
        manifests=tuple(manifests),
        omissions=tuple(view.omissions),
        unreadable=dict(view.unreadable),
        names={group: dict(sorted(names.items())) for group, names in sorted(view.used_names.items())},
    )


_ORDER: Mapping[str, int] = {spec.name: position for position, spec in enumerate(KINDS)}


def is_protected(live: LiveObject, policy: Policy) -> bool:
    """Return whether this is the vendor's account, or one that the project protects."""
    protected = {login.casefold() for login in policy.protected_logins}
    return kind_named(live.kind).login and live.natural_key.casefold() in protected


def _is_chosen(
    live: LiveObject,
    names: Mapping[tuple[str, int], Address],
    ledger: Ledger,
    choice: Choice,
    in_git: set[tuple[str, int]],
) -> bool:
    if choice.kinds and live.kind not in choice.kinds:
        return False
    if choice.ids and live.id not in choice.ids:
        return False
    if choice.only_new and (live.kind, live.id) in in_git:
        return False
    if choice.only_active and activity(live, ledger) is False:
        return False
    own = (live.natural_key, names[live.kind, live.id].name)
    return not choice.names or any(fnmatchcase(name, pattern) for pattern in choice.names for name in own)
