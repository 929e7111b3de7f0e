"""`reconciler export`: live configuration becomes manifests."""

from __future__ import annotations

import click

from reconciler.cli.options import DEFAULT_TIMEOUT, common_options
from reconciler.cli.session import current
from reconciler.errors import UsageError
from reconciler.kinds.registry import KINDS
from reconciler.model.manifest import Choice

_KINDS = {word: spec.name for spec in KINDS for word in (spec.name.casefold(), spec.plural)}
_LAYOUTS = ("by-object", "by-kind", "single-file")


def _kind(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> frozenset[str]:
    unknown = [word for word in words if word.casefold() not in _KINDS]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(spec.name for spec in KINDS)}")
    return frozenset(_KINDS[word.casefold()] for word in words)


@click.command(name="export")
@click.argument("outdir", metavar="OUTDIR")
@click.option("--kind", "kinds", multiple=True, callback=_kind, metavar="KIND", help="Only this kind. Repeatable.")
@click.option(
    "--name", "names", multiple=True, metavar="GLOB", help="Only objects of such a name; * and ? match. Repeatable."
)
@click.option("--id", "ids", type=int, multiple=True, metavar="ID", help="Only the objects of this Id. Repeatable.")
@click.option("--active-only", is_flag=True, help="Leave out what is known to be inactive: dead lists, for one.")
@click.option("--with-status", is_flag=True, help="Write the status of campaigns too, which floor managers set.")
@click.option(
    "--layout",
    type=click.Choice(_LAYOUTS),
    default="by-object",
    show_default=True,
    help="One file an object, one file a kind, or a single file.",
)
@click.option("--update", is_flag=True, help="Add only what Git doesn't declare yet; what is there stays as it is.")
@click.option("--force", is_flag=True, help="Overwrite files that exist, and what was edited in them.")
@click.option("--verify", is_flag=True, help="Read the output back and plan it: it must change nothing.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="S",
    help="Seconds to wait for an answer.",
)
@common_options
def command(
    *,
    outdir: str,
    kinds: frozenset[str],
    names: tuple[str, ...],
    ids: tuple[int, ...],
    active_only: bool,
    with_status: bool,
    layout: str,
    update: bool,
    force: bool,
    verify: bool,
    timeout: float,
) -> int:
    """
    Write manifests of what the target has into OUTDIR. Reads only; the target and the ledger stay as they are.

    The target is that of the project in --config, else in OUTDIR, else where you are. What stands at its default is
    left out, references and codes are by name, and names stay the same from run to run. What the API can't show
    (memberships, skills, activity, passwords) is left as a comment to fill in, unless the ledger knows it. Protected
    logins, the vendor's own among them, are left out.

    With --verify the exit code is 1 when the output would change anything in the target.
    """
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli.exporting import Order, export_to  # noqa: PLC0415

    if update and force:
        raise UsageError("--update and --force exclude each other", hint="give only one of them")
    choice = Choice(
        kinds=kinds,
        names=names,
        ids=frozenset(ids),
        only_active=active_only,
        only_new=update,
        status=with_status,
    )
    order = Order(choice=choice, layout=layout, force=force, update=update, verify=verify, timeout=timeout)
    return export_to(current(), outdir, order)
