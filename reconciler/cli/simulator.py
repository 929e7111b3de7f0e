"""`reconciler simulator`: the embedded simulator behind a port, for trying things out and for testing any client."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from reconciler.cli.options import common_options
from reconciler.cli.session import current


@click.command(name="simulator")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8321,
    show_default=True,
    metavar="N",
    help="The port to listen on; 0 takes any that is free.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--data", type=click.Path(dir_okay=False), metavar="FILE", help="Keep the data here. [default: in memory]"
)
@click.option("--seed", metavar="DIR", help="First apply this configuration directory to the simulator.")
@click.option(
    "--behaviour",
    "behaviours",
    multiple=True,
    metavar="NAME=VALUE",
    help="How the server behaves where the API document is silent. Repeatable; see --list-behaviours.",
)
@click.option("--fault", "faults", multiple=True, metavar="RULE", help="A fault on purpose. Repeatable; see above.")
@click.option("--login", metavar="LOGIN", help="Let this account in, instead of the built-in one.")
@click.option(
    "--password",
    metavar="PASSWORD",
    help="That account's password.",
    envvar="MAXCONTACT_SIMULATOR_PASSWORD",
    show_envvar=True,
)
@click.option("--list-behaviours", is_flag=True, help="List every behaviour with its values, and end.")
@common_options
def command(
    *,
    port: int,
    host: str,
    data: str | None,
    seed: str | None,
    behaviours: tuple[str, ...],
    faults: tuple[str, ...],
    login: str | None,
    password: str | None,
    list_behaviours: bool,
) -> int:
    """
    Serve the embedded simulator of the API over HTTP, until Ctrl-C.

    Once it takes requests, its url is printed on standard output, one line. Use that url as a target's, with the login
    and password that are printed on standard error.

    A fault reads METHOD PATH[:WHICH]=FAULT, for example 'PUT /management/campaigns/*:2=drop-after'.
    """
    # Not needed for --help, and the rooms below load the HTTP and YAML libraries.
    from reconciler.cli import serving  # noqa: PLC0415

    session = current()
    if list_behaviours:
        session.screen.result(serving.describe_behaviours())
        return 0
    account = serving.account(login, password)
    service = serving.make_service(
        data=Path(data) if data else None, behaviours=behaviours, faults=faults, account=account
    )
    if seed is not None:
        serving.seed(session, service, directory=seed)

    def ready(real_port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        session.screen.result(f"http://{shown}:{real_port}")
        session.screen.say(serving.invitation(account))

    with contextlib.suppress(KeyboardInterrupt):
        serving.serve(service, host=host, port=port, on_ready=ready)
    return 0
