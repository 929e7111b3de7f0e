"""Read two targets and show how they differ."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli import wiring
from reconciler.cli.options import TEXT, Output
from reconciler.cli.output import Renderers, deliver
from reconciler.cli.session import Session
from reconciler.config.catalogs import names_by_id
from reconciler.config.existing import catalogs_in, read_existing
from reconciler.config.load import load_settings
from reconciler.config.settings import Overrides
from reconciler.errors import UsageError
from reconciler.model.json_text import json_text
from reconciler.model.tenant_difference import tenant_difference_document
from reconciler.render.tenants_text import tenants_text
from reconciler.tenants import Tenant, compare_tenants

_OF_ONE_TARGET = ("RECONCILER_URL", "RECONCILER_LOGIN", "RECONCILER_PASSWORD", "RECONCILER_STATE")
_TARGET = "RECONCILER_TARGET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What to compare, and how to show it."""

    between: tuple[str, str]
    kinds: frozenset[str]
    name: str
    ignored: tuple[str, ...]
    timeout: float
    output: Output


def compare(session: Session, place: str, wanted: Comparison) -> bool:
    """Show how two targets differ; return whether they do."""
    given = [name for name in _OF_ONE_TARGET if os.environ.get(name, "").strip()]
    if given:
        hint = "unset it; each target's settings stand in reconciler.yaml"
        raise UsageError(f"{' and '.join(given)} would count for both targets", hint=hint)
    first, second = (_read(session, place, name, wanted.timeout) for name in wanted.between)
    difference = compare_tenants(first, second, kinds=wanted.kinds, name=wanted.name, ignored=wanted.ignored)
    renderers = Renderers(
        formats={
            TEXT: lambda options: tenants_text(difference, colour=options.colour),
            "json": lambda _: json_text(tenant_difference_document(difference)),
        }
    )
    deliver(session.screen, wanted.output, renderers)
    return difference.differs


def _read(session: Session, place: str, name: str, timeout: float) -> Tenant:
    environment = {key: value for key, value in os.environ.items() if key != _TARGET}
    settings = load_settings(place, environment=environment, overrides=Overrides(target=name))
    target = settings.connection()
    catalogs = catalogs_in(read_existing(Path(place), settings))
    with wiring.connect(settings, timeout=timeout) as client:
        live = wiring.fetch_live(session, client, target.url)
    return Tenant(
        name=name,
        live=live,
        names=names_by_id(catalogs, target=name),
        timezone=target.timezone,
        protected_logins=settings.policy.protected_logins,
    )
