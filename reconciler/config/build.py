"""From valid documents to the inventory that Git desires, and the rules that no single document can break."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from reconciler.config.catalogs import gather_catalogs
from reconciler.config.index import OBJECT_KINDS, build_index
from reconciler.config.memberships import build_memberships, check_memberships
from reconciler.config.objects import Context, build_object
from reconciler.config.schema import DOCUMENT_KINDS
from reconciler.config.settings import Settings
from reconciler.config.source import Document, Source
from reconciler.kinds.registry import MEMBERSHIP
from reconciler.model.address import Address
from reconciler.model.desired import DesiredInventory, DesiredMembership, DesiredObject
from reconciler.model.problem import Problem

CATALOG = "Catalog"


def build_inventory(
    documents: Sequence[Document],
    *,
    valid: Sequence[Document],
    settings: Settings,
    zone: tzinfo,
    broken: Sequence[Source] = (),
    digest: str = "",
) -> tuple[DesiredInventory, list[Problem]]:
    """
    Return what the `valid` ones of `documents` desire, and every problem with their meaning.

    The others still count as existing, so that one mistake is not reported again wherever it is referred to; so does
    what may stand in `broken` files. Dates without an offset are read in `zone`.
    """
    known = [each for each in documents if each.kind in DOCUMENT_KINDS]
    strays = frozenset(each.name for each in documents if each.kind not in DOCUMENT_KINDS and each.name)
    index, problems = build_index(known, broken=broken, strays=strays)
    catalogs, catalog_problems = gather_catalogs(
        [each for each in valid if each.kind == CATALOG],
        target=settings.target.name if settings.target is not None else "",
        targets=settings.targets,
    )
    problems += catalog_problems
    context = Context(index=index, catalogs=catalogs, policy=settings.policy, zone=zone)
    objects: dict[Address, DesiredObject] = {}
    memberships: list[tuple[Document, DesiredMembership]] = []
    for document in valid:
        if document.kind in OBJECT_KINDS:
            desired = build_object(document, context, problems)
            objects.setdefault(desired.address, desired)
        elif document.kind == MEMBERSHIP:
            memberships += [(document, each) for each in build_memberships(document, context, problems)]
    problems += check_memberships(memberships, objects.values(), context)
    inventory = DesiredInventory(
        objects=objects,
        memberships=tuple(membership for _, membership in memberships),
        digest=digest,
        # Without a target every catalog counts, and an Id may have as many meanings.
        names=catalogs.names() if settings.target is not None else {},
    )
    return inventory, problems
