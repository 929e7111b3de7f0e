"""Taking the target's word for it: live values that are to be written into the manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.model.address import Address
from reconciler.model.plain_form import to_plain
from reconciler.model.problem import Place
from reconciler.model.values import Plain, Scalar

ACCEPTANCE_FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    One field that moved in the target, and what its manifest would have to say.

    `value` is canonical, for a reference the Id (0: none); then `key` is the document that has it and `live_name` its
    name in the target, each empty where there is none, or the name leads to more than one. `before` and `after` are for
    people: codes by name, references by key.
    """

    address: Address
    field: str
    value: Scalar
    before: Plain
    after: Plain
    key: str = ""
    live_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A value that was written: where it stands now."""

    address: Address
    field: str
    before: Plain
    after: Plain
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A value that was asked for and can't be written, and what to do instead; `field` is empty for a whole object."""

    address: Address
    field: str
    reason: str
    advice: str

    def __str__(self) -> str:
        what = f"{self.address} {self.field}".rstrip()
        return f"{what}: {self.reason}; {self.advice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What became of everything that was asked for."""

    accepted: tuple[Accepted, ...] = ()
    declined: tuple[Declined, ...] = ()


def acceptance_document(acceptance: Acceptance) -> dict[str, Any]:
    """Return the JSON document of what was accepted."""
    return {
        "formatVersion": ACCEPTANCE_FORMAT_VERSION,
        "accepted": [
            {
                "kind": each.address.kind,
                "name": each.address.name,
                "field": each.field,
                "before": to_plain(each.before),
                "after": to_plain(each.after),
                "file": each.place.file,
                "line": each.place.line,
            }
            for each in acceptance.accepted
        ],
        "declined": [
            {
                "kind": each.address.kind,
                "name": each.address.name,
                "field": each.field,
                "reason": each.reason,
                "advice": each.advice,
            }
            for each in acceptance.declined
        ],
    }
