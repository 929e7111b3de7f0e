"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli.main import run
from reconciler.simulator.app import serving
from reconciler.simulator.service import Service
from tests.cli.ground import PASSWORD, Cli, Done, write_floor


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process."""

    def call(*words: str | Path) -> Done:
        capsys.readouterr()
        code = run([str(word) for word in words])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err or "--debug" in words
        return Done(code=code, out=shown.out, err=shown.err)

    return call


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the directory of a small contact centre whose default target is the embedded simulator."""
    folder = write_floor(tmp_path / "floor")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FLOOR_PASSWORD", PASSWORD)
    monkeypatch.setenv("TENANT_PASSWORD", "simulator")
    return folder


@pytest.fixture
def tenant(floor: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Serve a tenant over HTTP, on loopback, and make it the target."""
    service = Service()
    with serving(service) as url:
        monkeypatch.setenv("RECONCILER_TARGET", "tenant")
        monkeypatch.setenv("RECONCILER_URL", url)
        yield service
