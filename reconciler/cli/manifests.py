"""Read what the user wrote: manifests and settings. Loads the YAML and schema libraries, no HTTP."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from reconciler.cli.options import PlanningOptions
from reconciler.cli.session import Session
from reconciler.config.directory import list_files, read_source
from reconciler.config.load import PROJECT, Loaded, load, load_settings
from reconciler.config.rules import Rule
from reconciler.config.settings import Overrides, Settings
from reconciler.config.source import Source
from reconciler.config.yaml_reader import read_documents
from reconciler.errors import ConfigurationError
from reconciler.model.policy import Policy
from reconciler.model.problem import Problem
from reconciler.model.validation import ValidationReport


def read_manifests(session: Session, directory: str, *, parallelism: int | None = None) -> Loaded:
    """Read a configuration directory; its warnings are shown. Raises ConfigurationError with every problem."""
    loaded = load(directory, environment=os.environ, overrides=_overrides(session, parallelism))
    session.screen.problems(loaded.warnings)
    return loaded


def read_settings(session: Session, directory: str, *, target: str = "", parallelism: int | None = None) -> Settings:
    """Read the project file only; `target` is what to work on where nobody named one. Raises ConfigurationError."""
    overrides = _overrides(session, parallelism)
    if target and overrides.target is None and not os.environ.get("RECONCILER_TARGET", "").strip():
        overrides = replace(overrides, target=target)
    return load_settings(directory, environment=os.environ, overrides=overrides)


def read_digest(session: Session, directory: str, *, target: str) -> str | None:
    """Return the digest of the manifests as they are now, None where there are none; raises ConfigurationError."""
    try:
        loaded = load(directory, environment=os.environ, overrides=replace(_overrides(session, None), target=target))
    except ConfigurationError as error:
        if error.problems and all(problem.rule == Rule.NO_DOCUMENTS for problem in error.problems):
            return None
        raise
    return loaded.desired.digest


def check_manifests(session: Session, directory: str) -> ValidationReport:
    """
    Return everything there is to say about a configuration directory, for every target that it has.

    Overlays, catalogs and timezones differ from target to target; what holds for some of them only says so. With a
    target named only that one is checked. Raises ConfigurationError when it is no configuration directory.
    """
    names = _targets(session, directory)
    reports = {name: _check(directory, replace(_overrides(session, None), target=name)) for name in names}
    found: dict[Problem, list[str]] = {}
    for name, report in reports.items():
        for problem in dict.fromkeys(report.problems):
            found.setdefault(problem, []).append(name or "")
    problems = [
        problem
        if len(held) == len(names)
        else replace(problem, message=f"{problem.message} (for {' and '.join(held)})")
        for problem, held in found.items()
    ]
    return ValidationReport(
        problems=tuple(sorted(problems, key=lambda each: (each.place, each.path))),
        files=tuple(sorted({file for report in reports.values() for file in report.files})),
        documents=max(report.documents for report in reports.values()),
    )


def _targets(session: Session, directory: str) -> tuple[str | None, ...]:
    """Return the targets to check: the one that was named, else all; None where there is none, or none can be read."""
    if session.target is not None or os.environ.get("RECONCILER_TARGET", "").strip():
        return (session.target,)
    try:
        settings = load_settings(directory, environment=os.environ, overrides=_overrides(session, None))
    except ConfigurationError as error:
        if not error.problems:
            raise
        return (None,)
    return settings.targets or (None,)


def _check(directory: str, overrides: Overrides) -> ValidationReport:
    try:
        loaded = load(directory, environment=os.environ, overrides=overrides)
    except ConfigurationError as error:
        if not error.problems:
            raise
        files, documents = _count(Path(directory))
        return ValidationReport(problems=error.problems, files=files, documents=documents)
    files = tuple(dict.fromkeys(document.source.name for document in loaded.documents))
    return ValidationReport(problems=loaded.warnings, files=files, documents=len(loaded.documents))


def policy(settings: Settings, planning: PlanningOptions) -> Policy:
    """Return the project's policy with this run's flags."""
    return replace(
        settings.policy,
        scope=planning.scope,
        prune=planning.prune,
        reassert=planning.reassert,
        allow_mass_change=planning.allow_mass_change,
    )


def overrides_of(session: Session) -> Overrides:
    """Return what the command line says of the settings."""
    return _overrides(session, None)


def _overrides(session: Session, parallelism: int | None) -> Overrides:
    return Overrides(target=session.target, parallelism=parallelism)


def _count(directory: Path) -> tuple[tuple[str, ...], int]:
    """Count what a configuration that could not be loaded consists of, the project's own file apart."""
    files: list[str] = []
    documents = 0
    for name in list_files(directory).files:
        source = read_source(directory, name)
        found = read_documents(source)[0] if isinstance(source, Source) else []
        manifests = [document for document in found if document.kind != PROJECT]
        if manifests or not found:
            files.append(name)
            documents += len(manifests)
    return tuple(files), documents
