"""
The url of a ledger in PostgreSQL: libpq's own, and which of the ledgers in that database is meant.

    postgresql://[USER@]HOST[:PORT]/DATABASE?ledger=production&schema=public&sslmode=verify-full
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

DEFAULT_LEDGER = "default"
DEFAULT_SCHEMA = "public"


def split_url(url: str) -> tuple[str, str, str]:
    """Return what libpq understands of a url, and the names of the ledger and of its schema, which are ours."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    own = {key: value for key, value in given if key in ("ledger", "schema")}
    rest = urlencode([(key, value) for key, value in given if key not in own])
    return (
        urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
        if parts.netloc or parts.path
        else f"postgresql://?{rest}",
        own.get("ledger") or DEFAULT_LEDGER,
        own.get("schema") or DEFAULT_SCHEMA,
    )


def shown_url(url: str) -> str:
    """Return a url without what may be a secret: it goes into messages."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    netloc = f"{login.partition(':')[0]}{at}{host}"
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key in ("ledger", "schema")])
    return urlunsplit(("postgresql", netloc, parts.path, query, ""))
