"""
The one way in: a configuration directory becomes what Git desires and the settings to work with.

    files -> documents (strict YAML) -> project, overlays -> schemas -> index, catalogs -> objects, memberships

Every problem of every stage is gathered; a document that failed one stage takes no part in the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler.config.build import build_inventory
from reconciler.config.directory import list_files, read_source
from reconciler.config.origins import origins
from reconciler.config.overlays import lay_over
from reconciler.config.project import Project, clean_folder, read_settings
from reconciler.config.rules import Rule
from reconciler.config.schema import check_document
from reconciler.config.settings import Overrides, Settings
from reconciler.config.source import Document, Source
from reconciler.config.yaml_reader import read_documents
from reconciler.errors import ConfigurationError
from reconciler.kinds.registry import KINDS, MEMBERSHIP
from reconciler.model.checkup import Setting
from reconciler.model.desired import DesiredInventory
from reconciler.model.problem import Place, Problem, Severity

PROJECT = "Project"
_DESIRING = {MEMBERSHIP, *(spec.name for spec in KINDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A valid configuration directory; `warnings` are worth showing and stop nothing."""

    desired: DesiredInventory
    settings: Settings
    documents: tuple[Document, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far, and everything that was wrong with it."""

    directory: Path
    names: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    broken: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, names: Sequence[str]) -> list[Document]:
        """Return the documents of some files, in order."""
        documents = []
        for name in names:
            source = read_source(self.directory, name)
            if isinstance(source, Problem):
                self.problems.append(source)
                continue
            found, wrong = read_documents(source)
            documents += found
            self.sources.append(source)
            if wrong:
                self.problems += wrong
                self.broken.append(source)
        return documents


def load(directory: Path | str, *, environment: Mapping[str, str], overrides: Overrides | None = None) -> Loaded:
    """
    Read a configuration directory for one target.

    Raises ConfigurationError with every problem found, in reading order, when there is an error among them, and when
    the directory holds nothing to manage: missing input must never look like an empty wish.
    """
    reading, top, project, settings = _begin(Path(directory), environment, overrides or Overrides())
    folders = project.overlay_folders()
    documents = [*top, *reading.read([name for name in reading.names if "/" in name and not _is_in(name, folders)])]
    documents = _without_projects(documents, reading)
    for folder in settings.target.overlays if settings.target is not None else ():
        documents = _overlay(documents, folder, reading)
    valid = _check_schemas(documents, reading)
    desired, problems = build_inventory(
        documents,
        valid=valid,
        settings=settings,
        zone=_zone(settings),
        broken=reading.broken,
        digest=_digest(reading.sources),
    )
    reading.problems += problems
    if not reading.problems and not any(each.kind in _DESIRING for each in documents):
        reading.problems.append(_nothing_found(reading))
    warnings = _raise_errors(reading.problems)
    return Loaded(desired=desired, settings=settings, documents=tuple(documents), warnings=warnings)


def load_settings(
    directory: Path | str, *, environment: Mapping[str, str], overrides: Overrides | None = None
) -> Settings:
    """Read the project file only, for commands that need a target and no manifests; raises ConfigurationError."""
    reading, _, _, settings = _begin(Path(directory), environment, overrides or Overrides())
    project_files = {source.name for source in reading.sources} & {"reconciler.yaml", "reconciler.yml"}
    about_settings = [
        problem
        for problem in reading.problems
        if problem.place.file in project_files or problem.place.file not in reading.names
    ]
    _raise_errors(about_settings)
    return settings


def load_origins(
    directory: Path | str, *, environment: Mapping[str, str], overrides: Overrides | None = None
) -> tuple[Setting, ...]:
    """Return every setting of a run with its origin; raises ConfigurationError when there is no such directory."""
    overrides = overrides or Overrides()
    _, _, project, settings = _begin(Path(directory), environment, overrides)
    return origins(settings, project, environment=environment, overrides=overrides)


def _begin(
    directory: Path, environment: Mapping[str, str], overrides: Overrides
) -> tuple[_Reading, list[Document], Project, Settings]:
    """Read the files at the top, among them the project's, and find the settings."""
    if not directory.is_dir():
        what = "is a file" if directory.exists() else "does not exist"
        hint = "name the directory that holds reconciler.yaml and the manifests; `reconciler init DIR` makes one"
        raise ConfigurationError(f"the configuration directory {directory} {what}", hint=hint)
    directory = directory.resolve()
    listing = list_files(directory)
    reading = _Reading(directory=directory, names=listing.files)
    top = reading.read([name for name in listing.files if "/" not in name])
    project = _find_project(top, reading)
    settings, problems = read_settings(project, directory=directory, environment=environment, overrides=overrides)
    reading.problems += problems
    own = settings.target.overlays if settings.target is not None else ()
    others = tuple(folder for folder in project.overlay_folders() if folder not in own)
    reading.problems += [each for each in listing.problems if not _is_in(each.place.file, others)]
    return reading, top, project, settings


def _find_project(top: Sequence[Document], reading: _Reading) -> Project:
    """Return the project at the top of the directory, an empty one if there is none or it is invalid."""
    for document in top:
        if document.kind == PROJECT:
            problems = check_document(document)
            reading.problems += problems
            return Project() if problems else Project(document=document, spec=document.content["spec"])
    return Project()


def _without_projects(documents: Sequence[Document], reading: _Reading) -> list[Document]:
    """Return the manifests; every project but the first one at the top is a problem."""
    projects = [each for each in documents if each.kind == PROJECT]
    for position, document in enumerate(projects):
        if "/" in document.source.name:
            message, advice = "a project below the top of the directory", "move it to reconciler.yaml"
        elif position:
            message = f"a second project: the first is {projects[0].start}"
            advice = "bring them together in reconciler.yaml"
        else:
            continue
        reading.problems.append(
            Problem(rule=Rule.PROJECT, message=message, place=document.place("kind"), path="kind", advice=advice)
        )
    return [each for each in documents if each.kind != PROJECT]


def _overlay(documents: list[Document], folder: str, reading: _Reading) -> list[Document]:
    found = reading.read([name for name in reading.names if _is_in(name, (folder,))])
    if not found and not any(_is_in(each.place.file, (folder,)) for each in reading.problems):
        reading.problems.append(
            Problem(
                rule=Rule.BAD_SETTING,
                message="this overlay holds no documents",
                place=Place(folder),
                advice="correct `overlays` in the project file, or add documents there",
            )
        )
    merged, problems = lay_over(documents, _without_projects(found, reading))
    reading.problems += problems
    return merged


def _check_schemas(documents: Sequence[Document], reading: _Reading) -> list[Document]:
    """Return the documents whose shape is right."""
    valid = []
    for document in documents:
        problems = check_document(document)
        reading.problems += problems
        if not problems:
            valid.append(document)
    return valid


def _is_in(name: str, folders: Sequence[str]) -> bool:
    return any(name.startswith(f"{clean_folder(folder)}/") for folder in folders)


def _zone(settings: Settings) -> tzinfo:
    return ZoneInfo(settings.target.timezone) if settings.target is not None else UTC


def _digest(sources: Sequence[Source]) -> str:
    """Return a hash over all files that were read, names included, in their order."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.name}\0{len(source.data)}\0".encode(errors="surrogateescape"))
        digest.update(source.data)
    return digest.hexdigest()


def _nothing_found(reading: _Reading) -> Problem:
    return Problem(
        rule=Rule.NO_DOCUMENTS,
        message=f"nothing to manage was found in {reading.directory}",
        place=Place("."),
        expected="at least one Campaign, List, Team, User or Membership in *.yaml or *.yml files",
        advice="check the directory's name; an empty one never means that everything is to go",
    )


def _raise_errors(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems when all of them are warnings; raises ConfigurationError otherwise."""
    ordered = tuple(sorted(problems, key=lambda each: (each.place, each.path)))
    errors = sum(each.severity is Severity.ERROR for each in ordered)
    if errors:
        raise ConfigurationError(
            f"the configuration has {errors} {'error' if errors == 1 else 'errors'}", problems=ordered
        )
    return ordered
