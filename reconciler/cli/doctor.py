"""`reconciler doctor`: is everything there that a run needs?"""

from __future__ import annotations

import click

from reconciler.cli.options import DEFAULT_TIMEOUT, Output, common_options, directory_argument, output_options
from reconciler.cli.session import current


@click.command(name="doctor")
@directory_argument
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="S",
    help="Seconds to wait for an answer.",
)
@output_options(("text", "json"))
@common_options
def command(*, directory: str | None, timeout: float, output: Output) -> int:
    """
    Check what a run rests on, and say what to fix.

    Looks at the settings and where each came from, the url, TLS, the login (once: failed logins can lock an account),
    the format of the answers, the clock, the token's life, what the account may read, the ledger and its lock. Nothing
    is written, here or in the target. Exit code 1 means that something failed.
    """
    # Not needed for --help, and with it come the YAML and HTTP libraries.
    from reconciler.cli.examination import examine  # noqa: PLC0415
    from reconciler.cli.output import Renderers, deliver  # noqa: PLC0415
    from reconciler.model.json_text import json_text  # noqa: PLC0415
    from reconciler.render.checkup_text import checkup_document, checkup_text  # noqa: PLC0415

    session = current()
    checkup = examine(session, session.directory(directory), timeout=timeout)
    renderers = Renderers(
        formats={
            "text": lambda options: checkup_text(checkup, colour=options.colour),
            "json": lambda _: json_text(checkup_document(checkup)),
        }
    )
    deliver(session.screen, output, renderers)
    return 0 if checkup.is_healthy else 1
