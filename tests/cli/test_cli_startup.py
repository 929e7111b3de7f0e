"""Help has to come at once, so it may not load what only work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler.cli.commands import SUMMARIES

HEAVY = ("yaml", "httpx", "jsonschema", "jsonschema_rs", "rich", "starlette", "uvicorn", "deepdiff")

PROBE = """
import sys
from reconciler.cli.main import run
code = run(sys.argv[1:])
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.mark.parametrize("command", ["", *SUMMARIES])
def test_help_loads_nothing_heavy(command: str) -> None:
    """`reconciler --help` and each COMMAND --help import no parser, HTTP library, schema checker or server."""
    arguments = [command, "--help"] if command else ["--help"]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: reconciler")
    loaded = done.stdout.rpartition("LOADED")[2].split()
    assert "click" in loaded
    assert not set(HEAVY) & set(loaded)
