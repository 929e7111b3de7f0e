"""
Which live object each document means.

By `metadata.id`, then by the ledger, then by the natural key. Objects known by Id are claimed first, so that a name
that moved from one object to another is never mistaken for the object that used to have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.errors import ReconcilerError
from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.desired import DesiredInventory, DesiredObject
from reconciler.model.ledger import Ledger, LedgerObject
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.plan import Notice
from reconciler.model.problem import Problem


class Found(StrEnum):
    """How a document found its live object."""

    BY_ID = "matched-by-id"
    BY_LEDGER = "recorded"
    BY_NAME = "matched-by-name"
    NOT_FOUND = "missing-live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """
    A document, its live object if there is one, and what the ledger recorded of that very object.

    `moved_from` is the address that had the record when the document was renamed in Git.
    """

    desired: DesiredObject
    live: LiveObject | None
    record: LedgerObject | None
    found: Found
    moved_from: Address | None = None

    @property
    def is_adopted(self) -> bool:
        """Return whether a live object is there that the ledger does not know."""
        return self.live is not None and self.record is None


@dataclass(slots=True, kw_only=True)
class Bindings:
    """
    All bindings, the claims on live objects, and what was found wrong or worth saying.

    `owners` are the addresses that the ledger has for live objects, also those whose documents are gone.
    """

    owners: Mapping[tuple[str, int], Address]
    by_address: dict[Address, Binding] = field(default_factory=dict)
    claims: dict[tuple[str, int], Address] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def address_of(self, kind: str, object_id: int) -> Address | None:
        """Return a live object's document: the one that claims it, else the removed one that the ledger remembers."""
        return self.claims.get((kind, object_id)) or self.owners.get((kind, object_id))

    def of(self, kind: str, object_id: int) -> Binding | None:
        """Return the binding that claims a live object, or None when nobody declares it."""
        address = self.claims.get((kind, object_id))
        return self.by_address[address] if address is not None else None


def match(desired: DesiredInventory, live: LiveInventory, ledger: Ledger) -> Bindings:
    """Bind every document; raises ReconcilerError when the target returned nothing where the ledger knows objects."""
    _require_answers(live, ledger)
    owners = {(address.kind, record.id): address for address, record in ledger.objects.items()}
    bindings = Bindings(owners=owners)
    unmatched: list[DesiredObject] = []
    for wanted in desired.objects.values():
        if wanted.remote_id is not None:
            _bind_by_id(bindings, wanted, live, ledger, owners)
        elif not _bind_by_ledger(bindings, wanted, live, ledger):
            unmatched.append(wanted)
    folded = _folded_names(live) if unmatched else {}
    for wanted in unmatched:
        _bind_by_name(bindings, wanted, live, ledger, (owners, desired.objects, folded))
    return bindings


def _require_answers(live: LiveInventory, ledger: Ledger) -> None:
    known = {address.kind for address in ledger.objects}
    silent = [spec for spec in KINDS if spec.name in known and not live.objects.get(spec.name)]
    if silent:
        names = ", ".join(spec.plural for spec in silent)
        raise ReconcilerError(
            f"the target returned no {names}, but the ledger knows some",
            hint="check the url, the account's permissions and the ledger (--target, RECONCILER_STATE); "
            "nothing is planned on an empty answer",
        )


def _bind_by_id(
    bindings: Bindings,
    wanted: DesiredObject,
    live: LiveInventory,
    ledger: Ledger,
    owners: Mapping[tuple[str, int], Address],
) -> None:
    assert wanted.remote_id is not None
    kind = wanted.address.kind
    found = live.get(kind, wanted.remote_id)
    if found is None:
        bindings.problems.append(
            Problem(
                rule="id-not-found",
                message=f"no {kind.lower()} with Id {wanted.remote_id} exists in the target",
                place=wanted.place,
                path="metadata.id",
                advice="correct the Id, or remove it to match by name",
            )
        )
        return
    record = ledger.objects.get(wanted.address)
    previous = owners.get((kind, found.id))
    if record is not None and record.id != found.id:
        record = None
    moved = previous if record is None and previous is not None and previous != wanted.address else None
    _claim(
        bindings,
        Binding(
            desired=wanted,
            live=found,
            record=ledger.objects.get(moved) if moved else record,
            found=Found.BY_ID,
            moved_from=moved,
        ),
    )


def _bind_by_ledger(bindings: Bindings, wanted: DesiredObject, live: LiveInventory, ledger: Ledger) -> bool:
    record = ledger.objects.get(wanted.address)
    if record is None:
        return False
    found = live.get(wanted.address.kind, record.id)
    if found is None:
        bindings.notices.append(
            Notice(
                rule="recorded-id-gone",
                message=f"{wanted.address} was recorded as Id {record.id}, which the target no longer has",
                address=str(wanted.address),
                source=_source(wanted),
            )
        )
        return False
    _claim(bindings, Binding(desired=wanted, live=found, record=record, found=Found.BY_LEDGER))
    return True


def _bind_by_name(
    bindings: Bindings,
    wanted: DesiredObject,
    live: LiveInventory,
    ledger: Ledger,
    known: tuple[
        Mapping[tuple[str, int], Address], Mapping[Address, DesiredObject], Mapping[tuple[str, str], tuple[int, ...]]
    ],
) -> None:
    owners, documents, folded = known
    kind = wanted.address.kind
    ids = tuple(i for i in live.ids_named(kind, wanted.natural_key) if (kind, i) not in bindings.claims)
    if len(ids) > 1:
        bindings.problems.append(
            Problem(
                rule="ambiguous-name",
                message=f"{len(ids)} live {kind.lower()}s are named {wanted.natural_key!r}: "
                f"Ids {', '.join(str(i) for i in ids)}",
                place=wanted.place,
                expected="one",
                advice="set metadata.id to the one that is meant",
            )
        )
        return
    if not ids:
        _claim(bindings, Binding(desired=wanted, live=None, record=None, found=Found.NOT_FOUND))
        _warn_of_near_name(bindings, wanted, live, folded)
        return
    previous = owners.get((kind, ids[0]))
    moved = previous if previous is not None and previous not in documents else None
    _claim(
        bindings,
        Binding(
            desired=wanted,
            live=live.get(kind, ids[0]),
            record=ledger.objects[moved] if moved else None,
            found=Found.BY_NAME,
            moved_from=moved,
        ),
    )


def _claim(bindings: Bindings, binding: Binding) -> None:
    address = binding.desired.address
    if binding.live is not None:
        claim = (address.kind, binding.live.id)
        other = bindings.claims.get(claim)
        if other is not None:
            bindings.problems.append(
                Problem(
                    rule="two-documents-one-object",
                    message=f"{address} and {other} both mean {address.kind.lower()} Id {binding.live.id}",
                    place=binding.desired.place,
                    advice="keep one of the two documents, or give each its own metadata.id",
                )
            )
            return
        bindings.claims[claim] = address
    bindings.by_address[address] = binding


def _folded_names(live: LiveInventory) -> dict[tuple[str, str], tuple[int, ...]]:
    folded: dict[tuple[str, str], tuple[int, ...]] = {}
    for item in live:
        name = (item.kind, item.natural_key.strip().casefold())
        folded[name] = (*folded.get(name, ()), item.id)
    return folded


def _warn_of_near_name(
    bindings: Bindings,
    wanted: DesiredObject,
    live: LiveInventory,
    folded: Mapping[tuple[str, str], tuple[int, ...]],
) -> None:
    kind = wanted.address.kind
    for object_id in folded.get((kind, wanted.natural_key.strip().casefold()), ()):
        near = live.get(kind, object_id)
        if near is None or near.natural_key == wanted.natural_key:
            continue
        bindings.notices.append(
            Notice(
                rule="name-differs-in-case",
                message=f"{wanted.address} would be created as {wanted.natural_key!r} although {kind.lower()} Id "
                f"{object_id} is named {near.natural_key!r}; nothing can be deleted: if that one is meant, write "
                "its name exactly or set metadata.id",
                address=str(wanted.address),
                source=_source(wanted),
            )
        )


def _source(wanted: DesiredObject) -> str:
    return f"{wanted.place.file}:{wanted.place.line}"
