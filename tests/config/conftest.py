"""What the tests of the configuration share: writing a directory, and reading one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reconciler.config.load import Loaded, load
from reconciler.config.settings import Overrides
from reconciler.errors import ConfigurationError
from reconciler.model.problem import Problem

Write = Callable[[Mapping[str, str | bytes]], Path]
Problems = Callable[..., tuple[Problem, ...]]

TEAM = "apiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: north}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes files, by name, into a configuration directory and returns it."""

    def write_files(files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "config" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "config"

    return write_files


def problems_in(
    directory: Path, environment: Mapping[str, str] | None = None, overrides: Overrides | None = None
) -> tuple[Problem, ...]:
    """Return everything that loading a directory finds, errors or warnings."""
    try:
        return load(directory, environment=environment or {}, overrides=overrides).warnings
    except ConfigurationError as error:
        return error.problems


@pytest.fixture
def problems() -> Problems:
    """Return the function that finds all problems of a directory."""
    return problems_in


@pytest.fixture
def read(write: Write) -> Callable[..., Loaded]:
    """Return a function that writes a directory and loads it."""

    def write_and_load(
        files: Mapping[str, str | bytes],
        environment: Mapping[str, str] | None = None,
        overrides: Overrides | None = None,
    ) -> Loaded:
        return load(write(files), environment=environment or {}, overrides=overrides)

    return write_and_load
