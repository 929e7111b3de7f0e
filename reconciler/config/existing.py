"""What a directory declares already, for whoever is about to write more into it; and what was written, read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.config.build import CATALOG, build_inventory
from reconciler.config.catalogs import SKILLS, gather_catalogs
from reconciler.config.directory import list_files, read_source
from reconciler.config.index import OBJECT_KINDS, natural_key_of
from reconciler.config.load import PROJECT
from reconciler.config.project import Project
from reconciler.config.schema import check_document
from reconciler.config.settings import Settings
from reconciler.config.source import Document
from reconciler.config.yaml_reader import read_documents
from reconciler.errors import ConfigurationError
from reconciler.kinds.registry import MEMBERSHIP, RELATIONS
from reconciler.kinds.relations import SKILL
from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredInventory
from reconciler.model.manifest import Declared
from reconciler.model.problem import Problem, Severity

PROJECT_FILES = ("reconciler.yaml", "reconciler.yml")


def has_project(directory: Path) -> bool:
    """Return whether a directory has a project file."""
    return any((directory / name).is_file() for name in PROJECT_FILES)


def read_existing(directory: Path, settings: Settings) -> tuple[Document, ...]:
    """
    Return the documents of a directory, but for its project and what overlays say of others; none where there is none.

    Raises ConfigurationError when a file can't be read: nobody knows what it declares.
    """
    if not directory.is_dir():
        return ()
    listing = list_files(directory.resolve())
    problems = list(listing.problems)
    documents: list[Document] = []
    for name in listing.files:
        source = read_source(listing.root, name)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        found, wrong = read_documents(source)
        documents += found
        problems += wrong
    _raise(problems, "what is in the directory already can't be read")
    project = next((each for each in documents if each.kind == PROJECT and not check_document(each)), None)
    folders = Project(document=project, spec=project.content["spec"]).overlay_folders() if project else ()
    own = settings.target.overlays if settings.target is not None else ()
    others = tuple(f"{folder}/" for folder in folders if folder not in own)
    overlays = tuple(f"{folder}/" for folder in folders)
    base = {(each.kind, each.name) for each in documents if not each.source.name.startswith(overlays)}
    return tuple(
        each
        for each in documents
        if each.kind != PROJECT
        and not each.source.name.startswith(others)
        and not (each.source.name.startswith(overlays) and (each.kind, each.name) in base)
    )


def declared(
    here: Sequence[Document],
    *,
    around: Sequence[Document] = (),
    catalogs: Iterable[Document],
    settings: Settings,
    together: bool = False,
) -> Declared:
    """
    Return what documents say of live objects, and the names that catalogs give to Ids.

    `here` is where more is about to be written; `together` says that what is `around` counts as much.
    """
    names = _catalogs(catalogs, settings)
    by_id: dict[tuple[str, int], Address] = {}
    by_natural_key: dict[tuple[str, str], Address] = {}
    subjects: dict[tuple[str, Reference], Address] = {}
    for document in (*here, *around):
        address = Address(document.kind, document.name)
        if document.kind in OBJECT_KINDS and document.name:
            number = document.content["metadata"].get("id")
            if isinstance(number, int):
                by_id.setdefault((document.kind, number), address)
            else:
                by_natural_key.setdefault((document.kind, natural_key_of(document)), address)
        elif document.kind == MEMBERSHIP and document.name:
            for subject in _subjects(document.content.get("spec"), names):
                subjects.setdefault(subject, address)
    return Declared(
        by_id=by_id,
        by_natural_key=by_natural_key,
        subjects=subjects,
        addresses=_addresses((*here, *around)),
        present=_addresses((*here, *around) if together else here),
        catalogs={group: {number: name for name, number in ids.items()} for group, ids in names.items()},
    )


def _addresses(documents: Iterable[Document]) -> frozenset[Address]:
    return frozenset(Address(each.kind, each.name) for each in documents if each.name)


def read_back(
    directory: Path, *, catalogs: Iterable[Document], settings: Settings
) -> tuple[DesiredInventory, tuple[Problem, ...]]:
    """
    Return what the manifests of a directory desire of the settings' target, and warnings about them.

    Names are looked up in these catalogs too. Raises ConfigurationError with every problem.
    """
    documents = list(read_existing(directory, settings))
    own = {(each.kind, each.name) for each in documents}
    documents += [each for each in catalogs if (each.kind, each.name) not in own]
    problems: list[Problem] = []
    valid = []
    for document in documents:
        wrong = check_document(document)
        problems += wrong
        if not wrong:
            valid.append(document)
    zone = ZoneInfo(settings.target.timezone if settings.target is not None else "UTC")
    desired, found = build_inventory(documents, valid=valid, settings=settings, zone=zone)
    problems += found
    _raise(problems, "what was written can't be read back")
    return desired, tuple(problems)


def catalogs_in(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return the valid catalogs among documents."""
    return tuple(each for each in documents if each.kind == CATALOG and not check_document(each))


def _catalogs(documents: Iterable[Document], settings: Settings) -> Mapping[str, Mapping[str, int]]:
    """Return Ids by group and name, names in descending order: of several names the first one is to win."""
    target = settings.target.name if settings.target is not None else ""
    catalogs, _ = gather_catalogs(tuple(documents), target=target, targets=settings.targets)
    return {group: dict(sorted(ids.items(), reverse=True)) for group, ids in catalogs.ids.items()}


def _subjects(spec: Any, names: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, Reference]]:
    for relation in RELATIONS:
        written = spec.get(relation.subject.lower()) if isinstance(spec, dict) else None
        if written is None or relation.manifest_key not in spec:
            continue
        if relation.subject == SKILL:
            number = names.get(SKILLS, {}).get(written) if isinstance(written, str) else int(written)
            yield relation.name, Reference(kind=SKILL, id=number)
        elif isinstance(written, str):
            yield relation.name, Reference(kind=relation.subject, key=written)


def _raise(problems: Sequence[Problem], message: str) -> None:
    if any(each.severity is Severity.ERROR for each in problems):
        raise ConfigurationError(message, problems=sorted(problems, key=lambda each: (each.place, each.path)))
