"""
A process that has loaded the program and forks a fresh copy for every command line.

Each copy is a process of its own that can be killed like any other, and runs `reconciler.__main__.main` as the command
does; only the second that Python takes to import everything is spent once. Orders come on standard input, a line of
JSON for those that are to run at once, and are answered on standard output: first the process ids, then how each ended
and how much memory (KiB) it took at most.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from tests.reliability.mortal import Moment, die_at

PRELOADED = (
    "reconciler.__main__",
    "reconciler.cli.apply",
    "reconciler.cli.drift",
    "reconciler.cli.emergency",
    "reconciler.cli.execution",
    "reconciler.cli.plan",
    "reconciler.cli.rendering",
    "reconciler.cli.state",
    "reconciler.cli.wiring",
    "reconciler.render.validation_text",
    "reconciler.state.operations",
    "reconciler.state.store",
)


def main() -> None:
    """Serve orders until the input ends."""
    for name in PRELOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        children = [_bear(order) for order in json.loads(line)]
        _tell(children)
        ends = [os.wait4(child, 0) for child in children]
        _tell([[os.waitstatus_to_exitcode(status), usage.ru_maxrss] for _, status, usage in ends])


def _bear(order: Mapping[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        _live(order)
    return child


def _tell(answer: Sequence[object]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201


def _live(order: Mapping[str, Any]) -> None:
    """Become the command; does not return."""
    code: object = 70
    try:
        os.chdir(order["folder"])
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for descriptor, file in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
            opened = os.open(file, os.O_RDONLY if descriptor == 0 else flags, 0o600)
            os.dup2(opened, descriptor)
            os.close(opened)
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = ["reconciler", *order["words"]]
        if order["moment"] is not None:
            die_at(Moment(**order["moment"]))
        from reconciler.__main__ import main as reconciler

        reconciler()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
