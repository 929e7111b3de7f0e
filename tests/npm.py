"""Tools that only npm has, installed once for all runs; without them a test is skipped, but never in CI."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip on a machine without a tool; CI has to have it."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}: CI has to have it")
    pytest.skip(what)


def installed(manifest: Path, config: pytest.Config) -> Path:
    """Return the folder in which the packages that a `package.json` pins are installed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing("node and npm are not installed")
    assert config.cache is not None
    folder = config.cache.mkdir(f"npm-{manifest.parent.name}")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = manifest.read_text(encoding="utf-8")
        ready = folder / "ready"
        if not ready.is_file() or ready.read_text(encoding="utf-8") != wanted:
            (folder / "package.json").write_text(wanted, encoding="utf-8")
            words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
            if done.returncode:
                missing(f"npm could not install what {manifest.name} pins: {done.stderr[-300:]}")
            ready.write_text(wanted, encoding="utf-8")
    return folder
