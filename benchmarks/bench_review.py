"""Measure what reviewers wait for: a plan of 5,000 changes written in each format, its page opened in a browser."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from reconciler.render.formats import PLAN_FORMATS, Options
from tests.pages.chromium import browsing, find
from tests.review.crowds import crowded_plan

NOW = "2026-06-18T09:30:00Z"
OPENINGS = 5


def main() -> None:
    """Print a row for each format, then how long the page takes to open."""
    with tempfile.TemporaryDirectory() as folder:
        plan = crowded_plan(Path(folder))
        print(f"{len(plan.steps):,} steps")
        for name, render in PLAN_FORMATS.items():
            began = time.process_time()
            text = render(plan, Options(now=NOW))
            print(f"{name:10} {len(text):>12,} characters  {time.process_time() - began:6.2f} s")
        page = Path(folder) / "plan.html"
        page.write_text(PLAN_FORMATS["html"](plan, Options(now=NOW)), encoding="utf-8")
        program = find()
        if program is None:
            print("no Chromium is installed: the page was not opened")
            return
        with browsing(program) as browser:
            seconds = sorted(browser.open(page) for _ in range(OPENINGS))
        print(f"page opens in {seconds[0]:.2f} s to {seconds[-1]:.2f} s, loaded and laid out, of {OPENINGS} times")


if __name__ == "__main__":
    main()
