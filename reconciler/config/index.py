"""Which documents there are, and what a reference in one of them means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.config.positions import PathPart
from reconciler.config.rules import Rule
from reconciler.config.source import Document, Source
from reconciler.config.wording import closest, show, spell_path
from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address, Reference
from reconciler.model.problem import Problem, Severity

OBJECT_KINDS = {spec.name: spec for spec in KINDS}


def natural_key_of(document: Document) -> str:
    """Return what an object's document calls it in the target: its natural key's field, else its own name."""
    spec = document.content.get("spec")
    written = spec.get(OBJECT_KINDS[document.kind].natural_key) if isinstance(spec, dict) else None
    return written if isinstance(written, str) else document.name


@dataclass(slots=True, kw_only=True)
class Index:
    """
    Documents by address, natural key and Id.

    `broken` are files that could not be read to their end, `strays` the names of documents of no known kind: a
    reference to what may stand there is not reported as leading nowhere.
    """

    by_address: dict[Address, Document] = field(default_factory=dict)
    by_natural_key: dict[tuple[str, str], Document] = field(default_factory=dict)
    by_id: dict[tuple[str, int], Document] = field(default_factory=dict)
    broken: Sequence[Source] = ()
    strays: frozenset[str] = frozenset()

    def may_exist(self, name: str) -> bool:
        """Return whether a document of that name may stand where nothing could be read."""
        return name in self.strays or any(name.encode() in source.data for source in self.broken)

    def names(self, kind: str) -> list[str]:
        """Return the keys of all documents of a kind."""
        return [address.name for address in self.by_address if address.kind == kind]

    def resolve(self, kind: str, written: Any, document: Document, *path: PathPart) -> tuple[Reference, Problem | None]:
        """
        Return what a reference means, and what is wrong with it.

        A live object that has a document here after all is referred to by that document's key, with a warning: its
        document may be about to create or rename it.
        """
        if isinstance(written, str):
            reference = Reference(kind=kind, key=written)
            if Address(kind, written) in self.by_address or self.may_exist(written):
                return reference, None
            return reference, self._dangling(kind, written, document, path)
        if "id" in written:
            number = int(written["id"])
            reference, own = Reference(kind=kind, id=number), self.by_id.get((kind, number))
        else:
            reference, own = (
                Reference(kind=kind, name=written["name"]),
                self.by_natural_key.get((kind, written["name"])),
            )
        if own is None:
            return reference, None
        return Reference(kind=kind, key=own.name), Problem(
            rule=Rule.MANAGED_REFERENCE,
            message=f"this {kind.lower()} is managed here, by {own.start}",
            place=document.place(*path),
            path=spell_path(path),
            advice=f"refer to it by its key, `{own.name}`",
            severity=Severity.WARNING,
        )

    def _dangling(self, kind: str, key: str, document: Document, path: tuple[PathPart, ...]) -> Problem:
        guess = closest(key, self.names(kind))
        elsewhere = next((each for each in OBJECT_KINDS if Address(each, key) in self.by_address), "")
        advice = f"add a document for it; a live {kind.lower()} without one is `{{name: ...}}` or `{{id: N}}`"
        if guess:
            advice = f"did you mean `{guess}`?"
        elif elsewhere:
            advice = f"there is a {elsewhere} of that name, but here a {kind} is needed"
        return Problem(
            rule=Rule.UNKNOWN_REFERENCE,
            message=f"there is no {kind} {show(key)}",
            place=document.place(*path),
            path=spell_path(path),
            advice=advice,
        )


def build_index(
    documents: Sequence[Document], *, broken: Sequence[Source], strays: frozenset[str]
) -> tuple[Index, list[Problem]]:
    """Return the index of all documents that have a name, and every name, natural key and Id that two of them share."""
    index = Index(broken=broken, strays=strays)
    problems: list[Problem] = []
    for document in documents:
        if not document.name:
            continue
        address = Address(document.kind, document.name)
        first = index.by_address.setdefault(address, document)
        if first is not document:
            problems.append(_shared(Rule.DUPLICATE_NAME, document, first, ("metadata", "name"), str(address)))
        elif document.kind in OBJECT_KINDS:
            problems += _index_object(index, document)
    return index, problems


def _index_object(index: Index, document: Document) -> list[Problem]:
    problems = []
    natural_key, number = natural_key_of(document), document.content["metadata"].get("id")
    first = index.by_natural_key.setdefault((document.kind, natural_key), document)
    if first is not document and (number is None or "id" not in first.content["metadata"]):
        field_name = OBJECT_KINDS[document.kind].natural_key
        path = ("spec", field_name)
        problems.append(
            _shared(Rule.DUPLICATE_NATURAL_KEY, document, first, path, f"the {field_name} {show(natural_key)}")
        )
    if isinstance(number, int):
        first = index.by_id.setdefault((document.kind, number), document)
        if first is not document:
            what = f"the {document.kind.lower()} with Id {number}"
            problems.append(_shared(Rule.DUPLICATE_ID, document, first, ("metadata", "id"), what))
    return problems


_ADVICE = {
    Rule.DUPLICATE_NAME: "rename one of them, or remove it",
    Rule.DUPLICATE_NATURAL_KEY: "rename one of them; if two live objects share the name, set `metadata.id` on both",
    Rule.DUPLICATE_ID: "each document needs an object of its own: correct one Id, or remove a document",
}


def _shared(rule: Rule, document: Document, first: Document, path: tuple[str, ...], what: str) -> Problem:
    return Problem(
        rule=rule,
        message=f"{what} is also declared in {first.start}",
        place=document.place(*path),
        path=spell_path(path),
        advice=_ADVICE[rule],
    )
