"""What people install: the wheel works away from the checkout, and the source distribution can make it again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.wheel


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command and return its standard output; what it said stands in the failure."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, **environment},
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution from the checkout, and the wheel from that."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    """Return the one wheel."""
    (found,) = distributions.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment and return the folder of its commands."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(place, with_pip=True)
    commands = place / ("Scripts" if os.name == "nt" else "bin")
    run(commands / "python", "-m", "pip", "install", "--quiet", wheel, cwd=place)
    return commands


def test_the_wheel_carries_schemas_examples_types_and_licence(wheel: Path) -> None:
    """Everything that the tool reads of its own is in the wheel, and nothing that is only for its makers."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, packed in (("schemas", "reconciler/schemas"), ("examples/config", "reconciler/examples/config")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(ROOT).parts):
                assert f"{packed}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert "reconciler/py.typed" in names
    assert any(name.endswith("LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


def test_the_source_distribution_is_complete(distributions: Path) -> None:
    """It carries what is needed to build, test and read the project."""
    (archive,) = distributions.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "tests/conftest.py", "docs/architecture.md"} <= names
    assert {"schemas/manifest.schema.json", "examples/config/reconciler.yaml"} <= names


def test_the_installed_command_finds_its_schemas(installed: Path, tmp_path: Path) -> None:
    """`reconciler schema campaign` prints the schema, away from the checkout."""
    schema = json.loads(run(installed / "reconciler", "schema", "campaign", cwd=tmp_path))
    assert schema == schema | {"title": "Campaign"}
    assert "targetDropPercent" in schema["properties"]["spec"]["properties"]


def test_the_installed_demo_runs(installed: Path, tmp_path: Path) -> None:
    """The whole loop runs from the wheel alone, and leaves nothing where it was called."""
    run(installed / "reconciler", "demo", cwd=tmp_path, HOME=str(tmp_path / "home"))
    assert not list(tmp_path.iterdir())


def test_the_installed_starter_is_whole(installed: Path, tmp_path: Path) -> None:
    """`reconciler init` writes a directory that is valid, dotfiles included, from the wheel alone."""
    run(installed / "reconciler", "init", "acme", cwd=tmp_path)
    assert run(installed / "reconciler", "validate", "acme", cwd=tmp_path).startswith("Valid: 7 documents")
    assert (tmp_path / "acme" / ".gitignore").is_file()
    assert (tmp_path / "acme" / ".github" / "workflows" / "reconcile.yml").is_file()


def test_the_installed_package_is_the_wheel(installed: Path, tmp_path: Path) -> None:
    """The checkout is not on the path by accident: the tests above tried the wheel."""
    where = run(installed / "python", "-c", "import reconciler; print(reconciler.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)
