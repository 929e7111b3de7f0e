"""`reconciler fmt`: the one layout of manifests."""

from __future__ import annotations

import click

from reconciler.cli.options import common_options
from reconciler.cli.session import current

FAILED = 1


@click.command(name="fmt")
@click.argument("paths", metavar="[PATHS]...", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; list the files that would change and exit with 1.")
@click.option("--diff", "difference", is_flag=True, help="Change nothing; show what would change.")
@common_options
def command(*, paths: tuple[str, ...], check: bool, difference: bool) -> int:
    """
    Lay manifests out in the one canonical way: keys in the order of the schema, indents, quotes, blank lines.

    PATHS are directories and files; without any it is the configuration directory. Comments stay with what they
    stand above or behind, and no value ever changes: what was written is read back before a file is replaced. Text
    gets quotes where an editor would take it for a number (a phone number), and loses those that nobody needs.
    """
    # Not needed for --help, and with it come the YAML libraries.
    from reconciler.config.formatting_files import format_files, write_formatted  # noqa: PLC0415

    session = current()
    changed = unchanged = failed = 0
    for file in format_files(paths or (session.directory(),)):
        if file.problems:
            failed += 1
            session.screen.problems(file.problems)
        elif file.reason:
            session.screen.warn(f"{file.name} is left as it is: {file.reason}")
        elif not file.changes:
            unchanged += 1
        else:
            changed += 1
            if not (check or difference):
                write_formatted(file)
            session.screen.result(file.difference() if difference else file.name)
    verb = "would change" if check or difference else "formatted"
    session.screen.say(f"{changed} {verb}, {unchanged} unchanged" + (f", {failed} unreadable" if failed else ""))
    return FAILED if failed or (check and changed) else 0
