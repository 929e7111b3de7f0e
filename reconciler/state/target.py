"""Whose ledger this is: one ledger remembers one tenant, and its Ids mean other objects in any other."""

from __future__ import annotations

from urllib.parse import urlsplit

from reconciler.errors import LedgerError
from reconciler.model.ledger import Ledger

_PORTS = {"http": 80, "https": 443}


def is_empty(ledger: Ledger) -> bool:
    """Return whether a ledger remembers nothing of any target."""
    remembered = (ledger.objects, ledger.memberships, ledger.links, ledger.activity, ledger.intents)
    return ledger.emergency is None and not any(remembered)


def check_target(ledger: Ledger, *, target: str, url: str) -> None:
    """
    Check that a ledger belongs to the target at this url; an empty ledger belongs to any.

    Raises LedgerError when it was written for another url.
    """
    if is_empty(ledger) or not ledger.url or canonical(ledger.url) == canonical(url):
        return
    recorded = f"target {ledger.target!r} at {_shown(ledger.url)}"
    raise LedgerError(
        f"this ledger belongs to {recorded}, not to target {target!r} at {_shown(url)}",
        hint="Give each target a ledger of its own (`state` in reconciler.yaml). If it is the same tenant under a new "
        "url, write the new url into the document from `reconciler state pull` and give it to `reconciler state push`.",
    )


def claim(ledger: Ledger, *, target: str, url: str) -> None:
    """Note which target a ledger is for; raises LedgerError like `check_target`."""
    check_target(ledger, target=target, url=url)
    ledger.target = target
    ledger.url = _shown(url)


def canonical(url: str) -> str:
    """Return a url without what makes no difference: case of scheme and host, the default port, a closing slash."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    place = host if port is None or port == _PORTS.get(scheme) else f"{host}:{port}"
    return f"{scheme}://{place}{parts.path.rstrip('/')}"


def _shown(url: str) -> str:
    """Leave out a login that someone may have put into the url."""
    before, at, after = url.rpartition("@")
    scheme, separator, _ = before.partition("://")
    return f"{scheme}{separator}{after}" if at and separator else url
