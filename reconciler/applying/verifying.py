"""Whether an entity shows what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeGuard

from reconciler.kinds.codec import display, read_active, read_field, read_property
from reconciler.kinds.spec import FieldSpec, KindSpec
from reconciler.model.plan import FieldValue
from reconciler.model.values import Plain, Scalar, plain

ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that shows another value than expected; `kept` says that the API is meant to keep it."""

    field: FieldSpec
    expected: Plain
    shown: Scalar
    kept: bool = True

    def __str__(self) -> str:
        return f"{self.field.name} is {quoted(display(self.field, self.shown))}, not {self.wanted}"

    @property
    def wanted(self) -> str:
        """Return the expected value as people read it."""
        value = self.expected
        return quoted(display(self.field, value) if isinstance(value, int) and not isinstance(value, bool) else value)


def differences(
    spec: KindSpec, values: Iterable[FieldValue], entity: Mapping[str, object], zone: tzinfo
) -> tuple[Difference, ...]:
    """
    Return the fields of `values` (references resolved) that the entity shows otherwise.

    What the API applies to some campaign types only (notes under Create and Update Campaign) is marked as not kept.
    """
    effective = {field.name: read_field(field, entity, zone) for field in spec.fields}
    found = []
    for value in values:
        field = spec.field(value.name)
        shown = effective[value.name]
        if plain(shown) != value.value:
            kept = field.kept_when is None or field.kept_when(effective)
            found.append(Difference(field=field, expected=value.value, shown=shown, kept=kept))
    return tuple(found)


def moved(
    spec: KindSpec, seen: Mapping[str, Plain], entity: Mapping[str, object], zone: tzinfo, *, writing: Iterable[str]
) -> tuple[str, ...]:
    """
    Return, as sentences, which of the values that the plan rests on are not there any more.

    A field with a call of its own is compared only when it is one of those being written: other steps of the same plan
    change it, and a PUT merely repeats it as just read.
    """
    written = frozenset(writing)
    found = []
    for name in sorted(seen):
        if name == ACTIVE:
            continue
        field = spec.field(name)
        if (field.endpoint or field.joined_by) and name not in written:
            continue
        shown = read_field(field, entity, zone)
        if plain(shown) != seen[name]:
            before = Difference(field=field, expected=seen[name], shown=shown).wanted
            found.append(f"field {name} was {before}, is {quoted(display(field, shown))}")
    return tuple(found)


def echoes_moved(spec: KindSpec, before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """Return, as remarks, which properties a PUT was only to repeat and yet changed."""
    found = []
    for wire in spec.echoed:
        old, new = read_property(before, wire), read_property(after, wire)
        if wire == "Active":
            old, new = read_active(before), read_active(after)
        if old is not None and new is not None and str(old) != str(new):
            found.append(f"{wire} reads {new} since this update, it read {old} just before")
    return tuple(found)


def is_entity(answer: object) -> TypeGuard[Mapping[str, object]]:
    """Return whether an answer's Data is an entity with a usable Id, and not just a word."""
    return isinstance(answer, Mapping) and _usable(read_property(answer, "Id"))


def _usable(identity: object) -> bool:
    try:
        return not isinstance(identity, bool) and int(str(identity)) > 0
    except ValueError:
        return False


def quoted(value: Plain) -> str:
    """Return a value for a sentence."""
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case _:
            return str(value)
