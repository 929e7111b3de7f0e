"""A small contact centre to run commands on, and what a run gives back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.simulator.service import Service

PASSWORD = "Blue-Heron-4711!"
"""What the floor's users get; it must turn up nowhere."""

PROJECT = """\
apiVersion: maxcontact/v1
kind: Project
metadata: {name: floor}
spec:
  targets:
    simulator: {url: "simulator://"}
    tenant:
      url: http://127.0.0.1:9
      login: simulator
      password: {env: TENANT_PASSWORD}
      state: .reconciler/tenant.json
  defaultTarget: simulator
"""

FLOOR = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring, labels: {brand: acme}}
spec: {type: Predictive, targetDropPercent: 2.5, description: "Grüße → Frühling"}
---
apiVersion: maxcontact/v1
kind: List
metadata: {name: prospects}
spec: {fetchWeight: 5}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: north}
spec: {}
---
apiVersion: maxcontact/v1
kind: User
metadata: {name: jane.doe}
spec: {firstName: Jane, lastName: Doe, rolePlanId: 2, team: north, password: {env: FLOOR_PASSWORD}}
---
apiVersion: maxcontact/v1
kind: Membership
metadata: {name: spring-dialling}
spec: {campaign: spring, lists: [prospects], teams: [north]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result, which has to be one JSON document and nothing else."""
        return json.loads(self.out)


Cli = Callable[..., Done]
"""Run a command line given as words, in this process."""


def write_floor(folder: Path) -> Path:
    """Write the floor's configuration directory."""
    folder.mkdir()
    (folder / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "floor.yaml").write_text(FLOOR, encoding="utf-8")
    return folder


def rewrite(folder: Path, before: str, after: str) -> None:
    """Change the manifests as somebody would in Git."""
    file = folder / "floor.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def portal(folder: Path, **values: Any) -> None:
    """Change the campaign by hand, in the embedded simulator."""
    with Service(data=folder / ".reconciler" / "simulator.simulator.json").edit() as world:
        (row,) = world.named("campaigns", "spring")
        identity = row["Id"]
        assert isinstance(identity, int)
        world.edit("campaigns", identity, **values)
