"""`reconciler state`: look at the ledger and repair it. None of it touches the target."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.completing import complete_documents
from reconciler.cli.options import DEFAULT_TIMEOUT, Output, common_options, directory_argument, output_options
from reconciler.cli.session import Session, current
from reconciler.cli.state_history import history_command, migrate_command, rollback_command
from reconciler.errors import ReconcilerError, RefusalError, UsageError
from reconciler.kinds.registry import KINDS, MEMBERSHIP
from reconciler.model.address import Address

if TYPE_CHECKING:
    from reconciler.state.store import Store

FORMATS = ("text", "json")

_LOCK_TIMEOUT = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait when somebody else holds the ledger.",
)


def _address(_: click.Context, __: click.Parameter, text: str) -> Address:
    kinds = {name.casefold(): name for name in (*(spec.name for spec in KINDS), MEMBERSHIP)}
    kind, slash, name = text.partition("/")
    if not slash or not name or kind.casefold() not in kinds:
        raise click.BadParameter(f"{text!r} is not KIND/NAME with a kind out of {', '.join(kinds.values())}")
    return Address(kinds[kind.casefold()], name)


@click.group(name="state")
@common_options
def command() -> None:
    """
    Look at the ledger and repair it.

    The ledger remembers what the API can't read back: which document is which Id, what was last applied, associations,
    activity, skills, password rotations. Nothing here changes the target.
    """


@command.command(name="list", short_help="List everything that the ledger knows.")
@directory_argument
@output_options(FORMATS)
@common_options
def list_command(*, directory: str | None, output: Output) -> int:
    """List every object and membership document that the ledger knows."""
    # Not needed for --help, and with it come the YAML libraries.
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import state_list_renderers  # noqa: PLC0415

    session = current()
    store = _open(session, directory)
    ledger = store.load()
    _warn(session, store)
    deliver(session.screen, output, state_list_renderers(ledger))
    return 0


@command.command(name="show", short_help="Show everything that the ledger knows of one address.")
@click.argument("address", callback=_address, shell_complete=complete_documents, metavar="KIND/NAME")
@directory_argument
@output_options(FORMATS)
@common_options
def show_command(*, address: Address, directory: str | None, output: Output) -> int:
    """Show everything that the ledger knows of one object or membership document, and since when."""
    # Not needed for --help, and with it come the YAML libraries.
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import state_show_renderers  # noqa: PLC0415
    from reconciler.state import operations  # noqa: PLC0415

    session = current()
    store = _open(session, directory)
    ledger = store.load()
    _warn(session, store)
    shown = operations.show(ledger, address)
    if shown.object is None and shown.membership is None:
        for intent in shown.intents:
            session.screen.result(f"{address}: {intent.action} was sent at {intent.at}, and how it ended is not known")
        return 0
    deliver(session.screen, output, state_show_renderers(ledger, address))
    return 0


@command.command(name="rm")
@click.argument("address", callback=_address, shell_complete=complete_documents, metavar="KIND/NAME")
@directory_argument
@_LOCK_TIMEOUT
@common_options
def remove_command(*, address: Address, directory: str | None, lock_timeout: float) -> int:
    """
    Forget an object or a membership document.

    The target keeps it. The next plan takes a document of that name as new, and adopts what it finds.
    """
    from reconciler.state import operations  # noqa: PLC0415  # not needed for --help

    session = current()
    store = _open(session, directory)
    operations.remove(store, address, timeout=lock_timeout)
    session.screen.result(f"{address} is forgotten; the target was not touched")
    return 0


@command.command(name="mv")
@click.argument("before", callback=_address, shell_complete=complete_documents, metavar="KIND/OLD")
@click.argument("after", callback=_address, shell_complete=complete_documents, metavar="KIND/NEW")
@directory_argument
@_LOCK_TIMEOUT
@common_options
def move_command(*, before: Address, after: Address, directory: str | None, lock_timeout: float) -> int:
    """
    Record an object or a membership document under another name.

    For a document whose metadata.name was changed in Git: the object stays the same one.
    """
    from reconciler.state import operations  # noqa: PLC0415  # not needed for --help

    session = current()
    operations.move(_open(session, directory), before, after, timeout=lock_timeout)
    session.screen.result(f"{before} is recorded as {after}; the target was not touched")
    return 0


@command.command(name="pull")
@directory_argument
@common_options
def pull_command(*, directory: str | None) -> int:
    """Print the ledger's document, to keep it or to look into it. It holds no secret."""
    from reconciler.state import operations  # noqa: PLC0415  # not needed for --help

    session = current()
    store = _open(session, directory)
    ledger = store.load()
    _warn(session, store)
    session.screen.document(operations.pull(ledger))
    return 0


@command.command(name="push", short_help="Put a document in the ledger's place.")
@click.argument("file", metavar="FILE")
@directory_argument
@click.option("--force", is_flag=True, help="Whatever its lineage and serial, and though the ledger may be damaged.")
@_LOCK_TIMEOUT
@common_options
def push_command(*, file: str, directory: str | None, force: bool, lock_timeout: float) -> int:
    """
    Put a document (`state pull` prints one; - reads standard input) in the ledger's place.

    One of another lineage, or older than the ledger, is refused without --force. A damaged ledger that is replaced is
    kept under another name.
    """
    from reconciler.state import operations  # noqa: PLC0415  # not needed for --help

    session = current()
    pushed = operations.push(_open(session, directory), _read(file), force=force, timeout=lock_timeout)
    session.screen.result(f"the ledger is replaced; its serial is {pushed.serial}")
    for name in pushed.set_aside:
        session.screen.say(f"what was there before is kept as {name}")
    return 0


@command.command(name="unlock")
@directory_argument
@click.option("--force", is_flag=True, help="Don't ask, and unlock though that run may still be going on.")
@common_options
def unlock_command(*, directory: str | None, force: bool) -> int:
    """
    Remove a lock that a run has left behind. Asks first.

    Be sure that the run has ended: two at a time make duplicates, and those can't be deleted.
    """
    from reconciler.state import operations  # noqa: PLC0415  # not needed for --help

    session = current()
    store = _open(session, directory)
    owner = operations.lock_owner(store)
    if owner is None:
        session.screen.result("nobody holds the ledger")
        return 0
    if not force:
        _confirm(session, f"Remove the lock of {owner}? Only `yes` is taken: ")
    operations.unlock(store, owner, force=force)
    session.screen.result(f"unlocked: it was held by {owner}")
    return 0


@command.command(name="assume")
@click.argument("file", metavar="FILE")
@directory_argument
@click.option("--by", metavar="NAME", help="Who vouches for it. [default: your user name]")
@click.option("--at", metavar="WHEN", help="When it was read off the portal: a date or date-time. [default: now]")
@click.option("--force", is_flag=True, help="Take the file's word even where the ledger recorded something else.")
@_LOCK_TIMEOUT
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="S",
    help="Seconds to wait for an answer.",
)
@output_options(FORMATS)
@common_options
def assume_command(
    *,
    file: str,
    directory: str | None,
    by: str | None,
    at: str | None,
    force: bool,
    lock_timeout: float,
    timeout: float,
    output: Output,
) -> int:
    """
    Record what a person read off the portal: memberships, skills and activity, which the API doesn't show.

    FILE is CSV (columns relation,subject,member,proficiency or kind,name,active; - reads standard input) or YAML, see
    docs/guides/memberships.md. Names are keys, live names or Ids like #17; the target is read once to find them. A line
    that can't be resolved stops all of them. Plans and drift show these facts as assumed until something better is
    known; what was read or recorded stays as it is.
    """
    from reconciler.cli.assuming import Vouching, vouch  # noqa: PLC0415  # loads the YAML and HTTP libraries

    session = current()
    vouching = Vouching(file=file, by=by, at=at, force=force, lock_timeout=lock_timeout, timeout=timeout)
    return vouch(session, session.directory(directory), vouching, output=output)


def _open(session: Session, directory: str | None) -> Store:
    """Open the target's ledger; its damage is a matter of whoever reads it."""
    from reconciler.cli.ledgers import settings_and_ledger  # noqa: PLC0415  # loads the YAML libraries

    return settings_and_ledger(session, directory)[1]


def _warn(session: Session, store: Store) -> None:
    for warning in store.warnings:
        session.screen.warn(warning)


def _confirm(session: Session, question: str) -> None:
    if not session.screen.answers:
        raise RefusalError("there is no terminal to ask on; nothing was changed", hint="give --force to do it unasked")
    if session.screen.ask(question) != "yes":
        raise RefusalError("not approved; nothing was changed")


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ReconcilerError(f"{file} could not be read: {error.strerror or error}", hint="name a file") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no UTF-8 text", hint="give the document that `state pull` printed") from error


for _each in (history_command, rollback_command, migrate_command):
    command.add_command(_each)
