"""`reconciler demo`: what somebody sees in their first minute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])


def test_the_demo_shows_the_whole_loop(tmp_path: Path) -> None:
    """It plans, applies, plans an empty plan, drifts, repairs; ends with 0 and leaves nothing behind."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        # Somebody's own settings must not send the demo to their tenant.
        env=os.environ | {"PYTHONPATH": ROOT, "TMPDIR": str(tmp_path), "RECONCILER_URL": "https://acme.invalid"},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    commands = [line for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert commands == [
        "$ reconciler validate",
        "$ reconciler plan",
        "$ reconciler apply --auto-approve --quiet",
        "$ reconciler plan --detailed-exitcode",
        "$ reconciler drift",
        "$ reconciler apply --auto-approve --quiet",
        "$ reconciler drift",
    ]
    for sight in ("No changes.", "drift in 1 object", "(exit code 2)", "targetDropPercent", "no drift"):
        assert sight in done.stdout
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
