"""A manifest that is about to be written: what `export` makes of live objects, before any text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.address import Address, Reference
from reconciler.model.values import Scalar

Written = Scalar | Mapping[str, "Written"] | tuple["Written", ...]
"""A field's value as it is written: a scalar, a short mapping (`{id: 17}`), or a list of either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One field of a document.

    A `stub` is written as a comment: nobody could read its value, and a person may fill it in. `note` says why.
    """

    name: str
    value: Written = None
    stub: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    One document. `remarks` are comment lines above it.

    A `stub` is written as a comment from its first to its last line. `beside` is the address of the object in whose
    file it belongs: its own, unless it says who belongs to that object.
    """

    address: Address
    beside: Address
    id: int | None = None
    lifecycle: tuple[Entry, ...] = ()
    spec: tuple[Entry, ...] = ()
    remarks: tuple[str, ...] = ()
    stub: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """
    What Git declares already.

    `by_id` and `by_natural_key` tell which document means a live object, and `subjects` which Membership document
    speaks of a relation of a subject. `addresses` are all documents that there are, `present` those that are read
    together with what is about to be written. `catalogs` holds the names of Ids, by group.
    """

    by_id: Mapping[tuple[str, int], Address] = field(default_factory=dict)
    by_natural_key: Mapping[tuple[str, str], Address] = field(default_factory=dict)
    subjects: Mapping[tuple[str, Reference], Address] = field(default_factory=dict)
    addresses: frozenset[Address] = frozenset()
    present: frozenset[Address] = frozenset()
    catalogs: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    Which live objects to export; an empty part chooses all.

    `names` are globs over natural keys and document names. `only_active` leaves out what is known to be inactive,
    `only_new` what Git declares. `status` says whether the fields that floor managers set come along.
    """

    kinds: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    ids: frozenset[int] = frozenset()
    only_active: bool = False
    only_new: bool = False
    status: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """Something of the target that no document holds, and why."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """
    Live configuration as documents, in the order in which they are written.

    `unreadable` counts what was left as a stub, by kind and field; `omissions` are single values and objects that are
    in no document. `names` are those of a catalog that the documents use, with their Ids, by group.
    """

    manifests: tuple[Manifest, ...]
    omissions: tuple[Omission, ...] = ()
    unreadable: Mapping[tuple[str, str], int] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
