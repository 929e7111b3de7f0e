"""Open the ledger of a target, with what its change record says of where this run comes from."""

from __future__ import annotations

import os
from functools import partial

from reconciler.cli.manifests import read_settings
from reconciler.cli.session import Session
from reconciler.config.settings import Settings
from reconciler.state.provenance import provenance_of
from reconciler.state.store import Store, open_store


def open_ledger(settings: Settings) -> Store:
    """Return the store of the target's ledger; nothing is read yet."""
    return open_ledger_at(settings.connection().state, settings)


def open_ledger_at(place: str, settings: Settings) -> Store:
    """Return the store of a ledger somewhere else, for a run of the same origin."""
    return open_store(place, provenance=partial(provenance_of, os.environ, settings.directory))


def settings_and_ledger(session: Session, directory: str | None) -> tuple[Settings, Store]:
    """Return a configuration directory's settings, and the store of its target's ledger."""
    settings = read_settings(session, session.directory(directory))
    return settings, open_ledger(settings)
