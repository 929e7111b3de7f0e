"""`reconciler state assume`: take a person's word for what the API cannot be asked about."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler.assume import Names, assume, events
from reconciler.cli import wiring
from reconciler.cli.manifests import read_manifests, read_settings
from reconciler.cli.options import TEXT, Output
from reconciler.cli.output import Renderers, deliver, timestamp
from reconciler.cli.session import Session
from reconciler.config.attestation import read_attestation
from reconciler.config.catalogs import SKILLS, ids_by_name
from reconciler.config.load import Loaded
from reconciler.config.rules import Rule
from reconciler.errors import ConfigurationError, ReconcilerError, UsageError
from reconciler.kinds.moments import canonical_moment
from reconciler.model.attestation import assumptions_document
from reconciler.model.json_text import json_text
from reconciler.render.assume_text import assumptions_text
from reconciler.state.lock import user_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """Who vouches for what and when, and how hard; None for whoever runs this, now."""

    file: str
    by: str | None = None
    at: str | None = None
    force: bool = False
    lock_timeout: float = 0.0
    timeout: float = 30.0


def vouch(session: Session, place: str, vouching: Vouching, *, output: Output) -> int:
    """Write attested facts into the target's ledger, all or none; return the exit code."""
    facts = read_attestation(vouching.file, _read(vouching.file))
    settings = read_settings(session, place)
    target = settings.connection()
    by, at = _by(vouching.by), _at(vouching.at, ZoneInfo(target.timezone))
    loaded = _manifests(session, place)
    store = wiring.open_ledger(settings)
    with wiring.connect(settings, timeout=vouching.timeout) as client:
        live = wiring.fetch_live(session, client, target.url)
    skills = ids_by_name(loaded.documents, target=target.name).get(SKILLS, {}) if loaded is not None else {}
    with store.lock(
        command="state assume", target=target.name, url=target.url, timeout=vouching.lock_timeout
    ) as journal:
        wiring.warn_of(session, store)
        names = Names(
            live=live,
            ledger=journal.ledger,
            skills=skills,
            desired=loaded.desired if loaded is not None else None,
        )
        assumptions = assume(facts, names, policy=settings.policy, force=vouching.force)
        for event in events(assumptions, by=by, at=at):
            journal.append(event)
    renderers = Renderers(
        formats={
            TEXT: lambda options: assumptions_text(assumptions, by=by, at=at, colour=options.colour),
            "json": lambda _: json_text(assumptions_document(assumptions, by=by, at=at)),
        }
    )
    deliver(session.screen, output, renderers)
    return 0


def _manifests(session: Session, place: str) -> Loaded | None:
    """Return the manifests, whose keys people use; without valid ones the ledger's and the live names have to do."""
    try:
        return read_manifests(session, place)
    except ConfigurationError as error:
        if any(problem.rule != Rule.NO_DOCUMENTS for problem in error.problems):
            session.screen.warn("the manifests have errors (see `reconciler validate`): their keys are not used")
        return None


def _by(given: str | None) -> str:
    by = user_name() if given is None else given.strip()
    if not by or not by.isprintable():
        raise UsageError("--by names nobody", hint="say who vouches, like --by jane.doe")
    return by


def _at(given: str | None, zone: ZoneInfo) -> str:
    if given is None:
        return timestamp()
    try:
        at = canonical_moment(given, zone)
    except ValueError as error:
        hint = "write it like --at 2026-05-05 or --at 2026-05-05T17:30:00Z"
        raise UsageError(f"--at {given}: no date or date-time", hint=hint) from error
    if datetime.fromisoformat(at) > datetime.now(UTC):
        raise UsageError(f"--at {given}: that is in the future", hint="say when it was read off the portal")
    return at


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ReconcilerError(f"{file} could not be read: {error.strerror or error}", hint="name a file") from error
