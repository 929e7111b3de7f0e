"""What a narrowed run looks at; narrowing never makes a removal look wanted."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from reconciler.errors import ReconcilerError
from reconciler.model.address import Address
from reconciler.model.desired import DesiredInventory
from reconciler.model.policy import Scope


def in_scope(scope: Scope, address: Address, labels: Mapping[str, str]) -> bool:
    """Return whether all labels match and, if globs were given, one of them does; the kind's case is forgiven."""
    if any(labels.get(name) != value for name, value in scope.labels):
        return False
    if not scope.only:
        return True
    return any(_matches(pattern, address) for pattern in scope.only)


def require_documents(desired: DesiredInventory, scope: Scope) -> None:
    """Refuse to plan on nothing: no documents or an empty selection is a mistake, never a wish to remove everything."""
    if not desired.objects and not desired.memberships:
        raise ReconcilerError(
            "no documents were found, so there is nothing to plan",
            hint="check the directory; an empty configuration never removes anything",
        )
    if not scope:
        return
    chosen = any(in_scope(scope, item.address, item.labels) for item in desired.objects.values())
    if chosen or any(in_scope(scope, item.address, item.labels) for item in desired.memberships):
        return
    asked = [f"--only {pattern}" for pattern in scope.only] + [f"-l {name}={value}" for name, value in scope.labels]
    raise ReconcilerError(
        f"the selection {' '.join(asked)} matches no document",
        hint="patterns are KIND/NAME with * and ?, for example 'Campaign/spring-*'; labels are metadata.labels",
    )


def _matches(pattern: str, address: Address) -> bool:
    kind, _, name = pattern.partition("/")
    return fnmatchcase(address.kind.lower(), kind.lower()) and fnmatchcase(address.name, name or "*")
