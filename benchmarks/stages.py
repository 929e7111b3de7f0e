"""Where the time of a plan goes: each stage of `reconciler plan` on its own, in one process."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.prepare import Centre, connected
from reconciler.api.client import Client
from reconciler.config.build import build_inventory
from reconciler.config.directory import list_files, read_source
from reconciler.config.load import load_settings
from reconciler.config.schema import check_document
from reconciler.config.source import Document, Source
from reconciler.config.yaml_reader import read_documents
from reconciler.kinds.registry import KINDS
from reconciler.live import fetch
from reconciler.planner import make_plan
from reconciler.render.text import plan_text
from reconciler.simulator.answers import Reply
from reconciler.simulator.service import Service
from reconciler.simulator.snapshot import read_world
from reconciler.state.store import open_store


@dataclass(slots=True)
class Stopwatch:
    """The least processor seconds of each stage over several runs, in the order of the stages."""

    least: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        gc.collect()
        start = time.process_time()
        yield
        self.note(name, time.process_time() - start)

    def note(self, name: str, seconds: float) -> None:
        """Keep the seconds of a stage if they are the least so far."""
        self.least[name] = min(seconds, self.least.get(name, seconds))


class OneByOne:
    """Reads the collections beforehand, one after the other, so that the target's share can be told apart."""

    def __init__(self, client: Client) -> None:
        self._collections = {spec.path: client.read_all(spec.path) for spec in KINDS}

    def read_all(self, path: str) -> list[dict[str, object]]:
        """Return what was read."""
        return self._collections[path]

    def read_one(self, path: str) -> dict[str, object]:
        """Planning never asks for one object."""
        raise NotImplementedError(path)


class TimedService(Service):
    """A simulator that counts the seconds that it takes itself: a real target would spend them elsewhere."""

    seconds = 0.0

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Answer as ever, and count the time."""
        start = time.process_time()
        try:
            return super().handle(method, path, headers, body)
        finally:
            self.seconds += time.process_time() - start


def stages(centre: Centre, *, runs: int) -> list[tuple[str, float]]:
    """Return the stages of a plan and the least seconds that each took."""
    watch = Stopwatch()
    for _ in range(runs):
        _once(centre, watch)
    return list(watch.least.items())


def _once(centre: Centre, watch: Stopwatch) -> None:
    settings = load_settings(centre.folder, environment={})
    target = settings.connection()
    with watch.stage("read files and YAML"):
        documents = _documents(centre.folder)
    with watch.stage("schemas"):
        problems = [problem for document in documents for problem in check_document(document)]
    with watch.stage("build the inventory"):
        desired, more = build_inventory(
            documents, valid=documents, settings=settings, zone=ZoneInfo(target.timezone), digest=""
        )
    assert not [*problems, *more], "the benchmark's manifests are valid"
    with watch.stage("read the ledger"):
        ledger = open_store(target.state).load(target=target.name, url=target.url)
    world = read_world(json.loads(centre.data.read_text(encoding="utf-8")))
    service = TimedService(world=world)
    with connected(service) as client:
        client.login()
        gc.collect()
        service.seconds, start = 0.0, time.process_time()
        live = fetch(OneByOne(client))
        watch.note("fetch, without the target's own time", time.process_time() - start - service.seconds)
    with watch.stage("plan"):
        plan = make_plan(
            desired=desired, live=live, ledger=ledger, policy=settings.policy, target=target.name, url=target.url
        )
    assert not plan.has_changes, "the benchmark's target is in step"
    with watch.stage("render"):
        plan_text(plan)


def _documents(folder: Path) -> list[Document]:
    found: list[Document] = []
    for name in list_files(folder).files:
        source = read_source(folder, name)
        assert isinstance(source, Source)
        found += read_documents(source)[0]
    return found
