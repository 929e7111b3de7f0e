"""How two tenants differ, object by object and field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.model.values import Plain

TENANTS_FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One field of an object that both tenants have, as people read it: codes, references and plans by name."""

    field: str
    first: Plain
    second: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDifference:
    """
    One object that is not the same in both tenants.

    `first` and `second` are its Ids: none where a tenant does not have it, more than one where the name is ambiguous.
    """

    kind: str
    natural_key: str
    first: tuple[int, ...] = ()
    second: tuple[int, ...] = ()
    fields: tuple[FieldDifference, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Return whether a tenant has several objects of that name, so that none can be compared."""
        return len(self.first) > 1 or len(self.second) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDifference:
    """
    What was compared and what differs.

    `same` counts objects that agree. `unnamed` counts values compared as bare Ids since a catalog names them on neither
    side: equal Ids may mean different things.
    """

    first: str
    second: str
    objects: tuple[ObjectDifference, ...] = ()
    same: int = 0
    unnamed: int = 0

    @property
    def differs(self) -> bool:
        """Return whether anything is different: exit code 2."""
        return bool(self.objects)


def tenant_difference_document(difference: TenantDifference) -> dict[str, Any]:
    """Return the JSON document of a comparison of two tenants."""
    found = difference.objects
    return {
        "formatVersion": TENANTS_FORMAT_VERSION,
        "between": [difference.first, difference.second],
        "differs": difference.differs,
        "summary": {
            "same": difference.same,
            "different": sum(1 for each in found if each.fields),
            "onlyFirst": sum(1 for each in found if not each.second),
            "onlySecond": sum(1 for each in found if not each.first),
            "ambiguous": sum(1 for each in found if each.is_ambiguous),
            "unnamed": difference.unnamed,
        },
        "objects": [
            {
                "kind": each.kind,
                "naturalKey": each.natural_key,
                "ids": [list(each.first), list(each.second)],
                "fields": [{"field": part.field, "values": [part.first, part.second]} for part in each.fields],
            }
            for each in found
        ],
    }
