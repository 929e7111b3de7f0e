"""What the tests of pipelines share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.ground import write_floor
from tests.pipeline.forges import FakeGitHub, serving
from tests.pipeline.runners import CONFIG, FakeRunner, pull_request


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[FakeRunner]:
    """Give a job of a pull request that proposes a small contact centre for the embedded simulator."""
    (tmp_path / "work").mkdir()
    write_floor(tmp_path / "work" / CONFIG)
    forge = FakeGitHub()
    with serving(forge):
        yield FakeRunner(folder=tmp_path, forge=forge, event=pull_request())
