"""
A ledger in PostgreSQL: a row that says who holds it and what it is, rows for its journal, rows for what is kept.

Every write of a holder is one statement that also asks whether the row still names that holder, under a lock of the row
that taking the ledger over needs as well. So the two cannot cross: either the write comes first and the next holder
sees it, or it finds that it was fenced out. The lock is a lease by the server's clock and not a session's advisory
lock: it works behind a connection pool, and outlives a lost connection for exactly the time that everyone expects.

The tables are made on first use by an account that may; otherwise docs/ledger.md has the statements.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from reconciler.errors import LedgerError, LockedError
from reconciler.state.codec import dump
from reconciler.state.conversion import MismatchError
from reconciler.state.database_url import shown_url, split_url
from reconciler.state.lease import LeaseHold, Term
from reconciler.state.lock import LockHeldError, LockOwner, decode_owner, encode_owner, locked
from reconciler.state.storage import Snapshot

_TABLES = """
create table if not exists {schema}.reconciler_ledger (
    name text primary key,
    epoch bigint not null default 0,
    holder text not null default '',
    owner text not null default '',
    lease double precision not null default 0,
    renewed timestamptz not null default clock_timestamp(),
    version bigint not null default 0,
    document bytea,
    backup bytea
);
create table if not exists {schema}.reconciler_journal (
    name text not null,
    number bigint generated always as identity,
    lines bytea not null,
    primary key (name, number)
);
create table if not exists {schema}.reconciler_kept (
    name text not null,
    collection text not null,
    item text not null,
    content bytea not null,
    primary key (name, collection, item)
)
"""
_EXPIRED = "renewed + make_interval(secs => lease) < clock_timestamp()"
_CONNECTION: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "reconciler",
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_DURABLE = "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"


class PostgresqlStorage:
    """Keeps a ledger in a database; see `reconciler.state.storage` for what its methods promise."""

    def __init__(self, url: str, *, term: Term) -> None:
        self._conninfo, self._ledger, self._schema = split_url(url)
        self._shown = shown_url(url)
        self._term = term
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._held: LockOwner | None = None
        self._busy = threading.RLock()

    @property
    def name(self) -> str:
        """Return the url without a password."""
        return self._shown

    def repair(self, *, journal: bool) -> str:
        """Return how to get back to a readable ledger."""
        what = "journal" if journal else "ledger"
        return (
            "Nothing was changed. `reconciler state push --force FILE` starts again from a document of yours, and "
            f"keeps the damaged {what} in the table reconciler_kept, where former versions are too. Then let "
            "`reconciler plan --reassert` send again what cannot be read back."
        )

    @property
    def has_backup(self) -> bool:
        """Return whether the version before is there."""
        rows = self._rows("select 1 from {ledger} where name = %s and backup is not null", self._ledger, ready=False)
        return bool(rows)

    def read(self) -> Snapshot:
        """Return the ledger and its journal, both of one moment."""
        rows = self._rows(
            "select l.document, l.version, l.owner <> '' and not (" + _EXPIRED + "),"
            " (select string_agg(j.lines, ''::bytea order by j.number) from {journal} j where j.name = l.name)"
            " from {ledger} l where l.name = %s",
            self._ledger,
            ready=False,
        )
        if not rows:
            return Snapshot(ledger=None, journal=None, version="", live=False)
        document, version, live, journal = rows[0]
        has = document is not None
        return Snapshot(
            ledger=bytes(document) if has else None,
            journal=None if journal is None else bytes(journal),
            version=str(version) if has else "",
            live=bool(live),
        )

    def write(self, content: bytes, *, expected: str) -> str:
        """Replace the document in the row, if it is still the version that was read."""
        rows = self._rows(
            "update {ledger} set backup = document, document = %s, version = version + 1"
            " where name = %s and holder = %s and case when document is null then '' else version::text end = %s"
            " returning version",
            content,
            self._ledger,
            self._mine(),
            expected,
        )
        if not rows:
            self._refuse_unless_held()
            raise LedgerError(f"{self.name} was changed by someone else; it was not overwritten", hint="Plan again.")
        return str(rows[0][0])

    def append(self, lines: bytes) -> None:
        """Add a row to the journal, if the lock is still ours: one statement, one round trip."""
        rows = self._rows(
            "with held as (select name from {ledger} where name = %s and holder = %s for share)"
            " insert into {journal} (name, lines) select name, %s from held returning 1",
            self._ledger,
            self._mine(),
            lines,
        )
        if not rows:
            raise self._taken()

    def clear(self) -> None:
        """Remove the journal's rows."""
        rows = self._rows(
            "with held as (select name from {ledger} where name = %s and holder = %s for share),"
            " gone as (delete from {journal} j using held where j.name = held.name) select 1 from held",
            self._ledger,
            self._mine(),
        )
        if not rows:
            raise self._taken()

    def set_aside(self) -> tuple[str, ...]:
        """Move the document and the journal to what is kept."""
        snapshot = self.read()
        moment = str(
            self._rows("select to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISSUS')")[0][0]
        )
        kept = []
        for what, content in (("ledger", snapshot.ledger), ("journal", snapshot.journal)):
            if content is not None:
                self.keep("damaged", f"{what}-{moment}", content)
                kept.append(f"damaged/{what}-{moment} in reconciler_kept")
        self.clear()
        rows = self._rows(
            "update {ledger} set document = null, backup = null where name = %s and holder = %s returning 1",
            self._ledger,
            self._mine(),
        )
        if not rows:
            raise self._taken()
        return tuple(kept)

    def acquire(self, owner: LockOwner) -> LeaseHold:
        """Try once to lock."""
        began = self._term.elapsed()
        with self._busy, self._connection_kept(owner):
            self._rows("insert into {ledger} (name) values (%s) on conflict do nothing", self._ledger, write=True)
            rows = self._rows(
                "update {ledger} set epoch = epoch + 1, holder = %s, owner = %s, lease = %s,"
                " renewed = clock_timestamp() where name = %s and (owner = '' or " + _EXPIRED + ") returning epoch",
                owner.id,
                dump(encode_owner(owner)),
                self._term.seconds,
                self._ledger,
            )
            if not rows:
                raise LockHeldError(self.owner())
        return LeaseHold(owner, name=self.name, term=self._term, began=began, renew=self._renew, end=self._end)

    def owner(self) -> LockOwner | None:
        """Return who holds the lock or left it behind."""
        rows = self._rows("select owner from {ledger} where name = %s and owner <> ''", self._ledger, ready=False)
        try:
            return decode_owner(json.loads(rows[0][0])) if rows else None
        except (ValueError, MismatchError) as error:
            raise LedgerError(
                f"{self.name} does not say who holds the lock: {error}",
                hint="Set owner and holder of its row in reconciler_ledger to empty text by hand.",
            ) from None

    def break_lock(self, owner: LockOwner, *, force: bool) -> None:
        """Take that owner out of the row."""
        rows = self._rows(
            "update {ledger} set owner = '', holder = '' where name = %s and holder = %s and (%s or "
            + _EXPIRED
            + ") returning 1",
            self._ledger,
            owner.id,
            force,
        )
        found = None if rows else self.owner()
        if found is None:
            return
        if found.id != owner.id:
            raise locked(self.name, found)
        raise LockedError(
            f"{self.name} is held by {found}, and that run still renews its lock",
            hint="Stop it first (Ctrl-C lets it record what it does), or remove the lock with --force.",
        )

    def keep(self, collection: str, name: str, content: bytes) -> None:
        """Add a row, unless it is there."""
        self._rows(
            "insert into {kept} (name, collection, item, content) values (%s, %s, %s, %s) on conflict do nothing",
            self._ledger,
            collection,
            name,
            content,
            write=True,
        )

    def kept(self, collection: str, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
        """Return rows' contents."""
        rows = self._rows(
            "select item, content from {kept} where name = %s and collection = %s and item = any(%s)",
            self._ledger,
            collection,
            list(names),
            ready=False,
        )
        found = {item: bytes(content) for item, content in rows}
        return tuple(found.get(name) for name in names)

    def names(self, collection: str) -> tuple[str, ...]:
        """Return the rows of a collection."""
        rows = self._rows(
            'select item from {kept} where name = %s and collection = %s order by item collate "C"',
            self._ledger,
            collection,
            ready=False,
        )
        return tuple(row[0] for row in rows)

    def drop(self, collection: str, names: tuple[str, ...]) -> None:
        """Remove rows from a collection."""
        self._rows(
            "delete from {kept} where name = %s and collection = %s and item = any(%s)",
            self._ledger,
            collection,
            list(names),
            write=True,
        )

    @contextmanager
    def _connection_kept(self, owner: LockOwner) -> Iterator[None]:
        """Hold from here on, and keep the connection; neither if that fails."""
        self._held = owner
        try:
            yield
        except BaseException:
            self._held = None
            self._close()
            raise

    def _mine(self) -> str:
        if self._held is None:
            raise LedgerError(f"{self.name} is not locked by this run")
        return self._held.id

    def _refuse_unless_held(self) -> None:
        if not self._rows("select 1 from {ledger} where name = %s and holder = %s", self._ledger, self._mine()):
            raise self._taken()

    def _taken(self) -> LockedError:
        who = self.owner()
        return LockedError(
            f"the lock of {self.name} was taken over by {who or 'someone'}; nothing more is sent",
            hint="What was done is recorded. Wait for that run, then plan again.",
        )

    def _renew(self) -> None:
        rows = self._rows(
            "update {ledger} set renewed = clock_timestamp() where name = %s and holder = %s returning 1",
            self._ledger,
            self._mine(),
        )
        if not rows:
            raise self._taken()

    def _end(self) -> None:
        with self._busy:
            try:
                self._rows(
                    "update {ledger} set owner = '', holder = '' where name = %s and holder = %s returning 1",
                    self._ledger,
                    self._mine(),
                )
            finally:
                self._held = None
                self._close()

    def _rows(self, statement: str, *values: object, ready: bool = True, write: bool = False) -> list[tuple[Any, ...]]:
        """
        Run one statement in a transaction of its own and return its rows.

        With `ready` the tables are made when they are missing, otherwise nothing is there yet. A `write` has no rows.
        Only a holder keeps its connection.
        """
        with self._busy, self._told():
            try:
                return self._run(statement, values, rows=not write)
            except psycopg.errors.UndefinedTable:
                if not ready:
                    return []
                self._make_tables()
                return self._run(statement, values, rows=not write)
            finally:
                if self._held is None:
                    self._close()

    def _run(self, statement: str, values: Sequence[object], *, rows: bool) -> list[tuple[Any, ...]]:
        schema = sql.Identifier(self._schema)
        tables = {
            name: sql.SQL("{}.{}").format(schema, sql.Identifier(f"reconciler_{name}"))
            for name in ("ledger", "journal", "kept")
        }
        # Only our own constant texts come here; what varies goes in as values.
        query = sql.SQL(statement).format(**tables)
        cursor = self._connected().execute(query, values, binary=True, prepare=False)
        return cursor.fetchall() if rows else []

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is not None and (self._connection.closed or self._connection.broken):
            self._close()
        if self._connection is None:
            self._connection = psycopg.connect(self._conninfo, autocommit=True, **_CONNECTION)
            self._connection.execute(_DURABLE, prepare=False)
        return self._connection

    def _make_tables(self) -> None:
        connection = self._connected()
        with connection.transaction():
            # Two that make them at once would fail otherwise, in spite of `if not exists`.
            connection.execute("select pg_advisory_xact_lock(hashtext('reconciler_ledger'))", prepare=False)
            connection.execute(sql.SQL(_TABLES).format(schema=sql.Identifier(self._schema)), prepare=False)

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise LedgerError(
                f"this account may not do that at {self.name}: {_first_line(error)}",
                hint="docs/ledger.md lists what it has to be allowed to do there.",
            ) from None
        except psycopg.Error as error:
            self._close()
            raise LedgerError(
                f"cannot reach or use the ledger at {self.name}: {_first_line(error)}",
                hint="Check the url, the network and the credentials: PG* variables, a password file, or a service.",
            ) from None


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0][:300]
