"""`reconciler diff`: how two targets differ."""

from __future__ import annotations

import click

from reconciler.cli.completing import complete_targets
from reconciler.cli.options import DEFAULT_TIMEOUT, Output, common_options, directory_argument, output_options
from reconciler.cli.session import current
from reconciler.errors import UsageError
from reconciler.kinds.registry import KINDS

DIFFERENT = 2
FORMATS = ("text", "json")


@click.command(name="diff")
@directory_argument
@click.option(
    "--between",
    nargs=2,
    required=True,
    metavar="TARGET TARGET",
    shell_complete=complete_targets,
    help="The two targets to compare.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([spec.name for spec in KINDS], case_sensitive=False),
    help="Only this kind. Repeatable.",
)
@click.option("--name", default="*", metavar="GLOB", help="Only objects whose name in the targets matches.")
@click.option(
    "--ignore", "ignored", multiple=True, metavar="KIND.FIELD", help="Leave a field out; * and ? match. Repeatable."
)
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
def command(
    *,
    directory: str | None,
    between: tuple[str, str],
    kinds: tuple[str, ...],
    name: str,
    ignored: tuple[str, ...],
    timeout: float,
    output: Output,
) -> int:
    """
    Compare what two targets have, live and by name. Read-only.

    Objects are matched by their names in the targets, never by Id; references are compared by the name of what they
    point at, plans and scripts by what each target's Catalog calls them. Memberships are not compared: the API doesn't
    list them. Manifests and ledgers play no part.

    Exit code 0 means no difference, 2 that there are some.
    """
    # Not needed for --help, and with it come the YAML and HTTP libraries.
    from reconciler.cli.comparing import Comparison, compare  # noqa: PLC0415

    session = current()
    if session.target is not None:
        raise UsageError("--target means nothing here", hint="name both targets with --between")
    if between[0] == between[1]:
        raise UsageError(f"--between {between[0]} {between[1]}: that is one target", hint="name two different ones")
    wanted = Comparison(
        between=between, kinds=frozenset(kinds), name=name, ignored=ignored, timeout=timeout, output=output
    )
    return DIFFERENT if compare(session, session.directory(directory), wanted) else 0
