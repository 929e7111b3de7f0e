"""
Compare two live tenants: same names, same settings?

Objects are matched by natural key, since Ids differ from tenant to tenant. What holds an Id is compared by what the Id
means: references by the natural key of what they point at, plans and scripts by their names in each tenant's catalogs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from reconciler.kinds.codec import display, read_active, read_field
from reconciler.kinds.registry import KINDS
from reconciler.kinds.spec import FieldSpec, Form, KindSpec
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.policy import VENDOR_LOGIN
from reconciler.model.tenant_difference import FieldDifference, ObjectDifference, TenantDifference
from reconciler.model.values import Plain, Scalar

_ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """
    One tenant as read just now.

    `names` are what its catalogs call Ids, by group; `timezone` is what its dates without an offset mean.
    """

    name: str
    live: LiveInventory
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    timezone: str = "UTC"
    protected_logins: frozenset[str] = frozenset({VENDOR_LOGIN})

    def value(self, live: LiveObject, spec: FieldSpec) -> Scalar:
        """Return a live object's canonical value of a field."""
        return read_field(spec, live.entity, ZoneInfo(self.timezone))

    def ids(self, spec: KindSpec) -> Mapping[str, tuple[int, ...]]:
        """Return the Ids of a kind's objects by natural key, the vendor's account left out."""
        folded = {login.casefold() for login in self.protected_logins} if spec.login else set()
        found = self.live.by_key.get(spec.name, {})
        return {name: ids for name, ids in found.items() if name.casefold() not in folded}


@dataclass(slots=True, kw_only=True)
class _Comparison:
    first: Tenant
    second: Tenant
    ignored: tuple[str, ...]
    same: int = 0
    unnamed: int = 0

    def kind(self, spec: KindSpec, name: str) -> Iterator[ObjectDifference]:
        left, right = self.first.ids(spec), self.second.ids(spec)
        for key in sorted({*left, *right}):
            if not fnmatchcase(key, name):
                continue
            ids = left.get(key, ()), right.get(key, ())
            fields = tuple(self.fields(spec, *ids)) if len(ids[0]) == len(ids[1]) == 1 else ()
            if fields or not len(ids[0]) == len(ids[1]) == 1:
                yield ObjectDifference(kind=spec.name, natural_key=key, first=ids[0], second=ids[1], fields=fields)
            else:
                self.same += 1

    def fields(self, spec: KindSpec, left: tuple[int, ...], right: tuple[int, ...]) -> Iterator[FieldDifference]:
        one = self.first.live.objects[spec.name][left[0]]
        other = self.second.live.objects[spec.name][right[0]]
        raw = [
            {part.name: tenant.value(live, part) for part in spec.fields}
            for tenant, live in ((self.first, one), (self.second, other))
        ]
        for part in spec.fields:
            if part.name == spec.natural_key or self.is_ignored(spec, part.name):
                continue
            if part.kept_when is not None and not all(part.kept_when(values) for values in raw):
                continue
            known = self.known(self.first, part, raw[0][part.name]), self.known(self.second, part, raw[1][part.name])
            if known[0] != known[1]:
                yield FieldDifference(field=part.name, first=known[0], second=known[1])
        active = read_active(one.entity), read_active(other.entity)
        if None not in active and active[0] != active[1] and not self.is_ignored(spec, _ACTIVE):
            yield FieldDifference(field=_ACTIVE, first=active[0], second=active[1])

    def is_ignored(self, spec: KindSpec, name: str) -> bool:
        return any(fnmatchcase(f"{spec.name}.{name}".lower(), pattern.lower()) for pattern in self.ignored)

    def known(self, tenant: Tenant, spec: FieldSpec, value: Scalar) -> Plain:
        """Return a value by what it means in any tenant."""
        if spec.form is Form.REFERENCE and isinstance(value, int):
            referred = tenant.live.get(spec.refers_to, value)
            return None if value == 0 else referred.natural_key if referred is not None else value
        if spec.form is Form.CATALOGUED and isinstance(value, int):
            name = tenant.names.get(spec.group, {}).get(value)
            self.unnamed += name is None and value != 0
            return value if name is None else name
        return display(spec, value)


def compare_tenants(
    first: Tenant,
    second: Tenant,
    *,
    kinds: frozenset[str] = frozenset(),
    name: str = "*",
    ignored: tuple[str, ...] = (),
) -> TenantDifference:
    """
    Return what differs between two tenants.

    `kinds` narrows it, none means all; `name` is a glob over natural keys; `ignored` are globs over `KIND.FIELD`.
    """
    comparison = _Comparison(first=first, second=second, ignored=ignored)
    found = [each for spec in KINDS if not kinds or spec.name in kinds for each in comparison.kind(spec, name)]
    return TenantDifference(
        first=first.name,
        second=second.name,
        objects=tuple(found),
        same=comparison.same,
        unnamed=comparison.unnamed,
    )
