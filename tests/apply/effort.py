"""How hard to try: a sample in the suite, everything under the torture profile."""

from __future__ import annotations

import os
from collections.abc import Sequence

TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"


def every(number: int, cases: Sequence[int]) -> Sequence[int]:
    """Return one case out of `number`, or all of them when there is time."""
    return cases if TORTURE else cases[::number]
