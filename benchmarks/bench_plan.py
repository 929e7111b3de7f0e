"""
Measure `reconciler plan` on generated centres that are in step, beside what no tool could do without.

    python -m benchmarks.bench_plan [OBJECTS ...]      (default: 2000 10000)

A whole process is given as the median of several runs: processor seconds, which other work on the machine disturbs
least, and seconds on the wall. The target is a simulator in a process of its own: its work is not counted, as that of a
real one would not be. The bare parse is libyaml's event loop over the same files, in a process that does nothing else.
PyYAML's own loader stands beside it, for what reading the same files into dictionaries costs elsewhere.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from benchmarks.prepare import Centre, free_port, prepare, served
from benchmarks.stages import stages
from reconciler import __version__
from reconciler.simulator.world import DEFAULT_PASSWORD

RUNS = 7
SIZES = (2_000, 10_000)

CACHE = tempfile.TemporaryDirectory(prefix="reconciler-bench-cache-")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("RECONCILER_")},
    "BENCH_PASSWORD": DEFAULT_PASSWORD,
    "XDG_CACHE_HOME": CACHE.name,
    # Byte code is kept, as it is for anybody who installed the tool; some machines switch that off.
    "PYTHONPYCACHEPREFIX": CACHE.name,
    "PYTHONDONTWRITEBYTECODE": "",
}

IMPORTS = "import reconciler.cli.main, reconciler.cli.wiring, reconciler.cli.rendering"

BARE_PARSE = """
import sys
from pathlib import Path
from yaml import StreamEndEvent
from yaml.cyaml import CParser
for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
    get_event = CParser(path.read_bytes()).get_event
    while type(get_event()) is not StreamEndEvent:
        pass
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What something took: seconds of the processor, and on the wall where they were measured."""

    processor: float
    wall: float | None = None


def main(sizes: Sequence[int]) -> None:
    """Measure and print."""
    print(f"reconciler {__version__}, {machine()}")
    print(f"\n{'start-up':40}{'processor':>12}{'wall':>12}")
    row("python -c pass", process("-c", "pass"))
    row("import yaml, C parser", process("-c", "from yaml.cyaml import CParser"))
    row("reconciler --help", process("-m", "reconciler", "--help"))
    row("everything that a plan imports", process("-c", IMPORTS))
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="reconciler-bench-") as folder:
            port = free_port()
            centre = prepare(Path(folder), size, url=f"http://127.0.0.1:{port}")
            with served(centre.data, port=port):
                report(centre)


def report(centre: Centre) -> None:
    """Print one centre's figures."""
    files = sorted(centre.folder.rglob("*.yaml"))
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    print(f"\n{centre.objects:,} objects in {centre.documents:,} documents, {len(files)} files, {kilobytes:,} kB")
    print(f"applied from nothing: {centre.steps:,} steps in {centre.apply_seconds:.1f} s")
    print(f"\n{'a process':40}{'processor':>12}{'wall':>12}")
    parse = process("-c", BARE_PARSE, centre.folder)
    row("bare parse", parse)
    row("reconciler plan", process("-m", "reconciler", "plan", centre.folder, "--detailed-exitcode"), beside=parse)
    print(f"\n{'stages, within a process':40}{'processor':>12}")
    loop = best(lambda: parse_events(files))
    row("bare parse", loop)
    row("PyYAML's CSafeLoader", best(lambda: load_all(files)), beside=loop)
    found = stages(centre, runs=RUNS)
    for name, seconds in found:
        row(name, Taken(processor=seconds), beside=loop)
    row("all stages of the plan", Taken(processor=sum(seconds for _, seconds in found)), beside=loop)


def process(*arguments: str | Path) -> Taken:
    """Return the median of a Python process; it has to succeed."""
    command = [sys.executable, *map(str, arguments)]

    def once() -> Taken:
        before, start = children(), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        return Taken(wall=time.perf_counter() - start, processor=children() - before)

    once()  # writes the byte code and warms the disk cache
    taken = [once() for _ in range(RUNS)]
    return Taken(
        processor=statistics.median(each.processor for each in taken),
        wall=statistics.median(each.wall or 0.0 for each in taken),
    )


def children() -> float:
    """Return the processor seconds of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def best(call: Callable[[], object]) -> Taken:
    """Return the least that a call took."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return Taken(processor=min(taken))


def parse_events(files: Sequence[Path]) -> None:
    """Go through the events of all files with libyaml and do nothing with them."""
    for path in files:
        get_event = CParser(path.read_bytes()).get_event
        while type(get_event()) is not yaml.StreamEndEvent:
            pass


def load_all(files: Sequence[Path]) -> None:
    """Read all files into dictionaries, as most tools do."""
    for path in files:
        for _ in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader):
            pass


def row(name: str, taken: Taken, *, beside: Taken | None = None) -> None:
    """Print one figure, and how many times another it is."""
    wall = f"{taken.wall * 1000:9.0f} ms" if taken.wall is not None else ""
    ratio = f"   {taken.processor / beside.processor:.2f} x the bare parse" if beside else ""
    print(f"  {name:38}{taken.processor * 1000:9.0f} ms{wall}{ratio}")


def machine() -> str:
    """Return what figures depend on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, {model}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
