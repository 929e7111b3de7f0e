"""
The commands and what each is for, in one line.

They stand here and not in the commands' own modules so that `reconciler --help` imports none of them.
"""

from __future__ import annotations

import difflib
import importlib

import click

SUMMARIES = {
    "init": "Write a starter directory that works on the embedded simulator as it is.",
    "validate": "Check every manifest, offline: schema, references, duplicates, field rules.",
    "plan": "Show what an apply would change, step by step. Changes nothing.",
    "show": "Show a saved plan again, in any format, offline.",
    "graph": "Draw the plan's dependency graph, for Mermaid or Graphviz.",
    "apply": "Bring the target to what the manifests say, after asking.",
    "drift": "Show who moved, Git or the target, and what can't be verified. Read-only.",
    "diff": "Compare what two targets have, live and by name. Read-only.",
    "doctor": "Check url, login, permissions, ledger and settings, and say what to fix. Read-only.",
    "export": "Write manifests of what the target has: the way in for an existing centre.",
    "state": "Look at the ledger and repair it.",
    "log": "Show who had what changed, when, from which commit; `log verify` checks the record.",
    "emergency": "Switch the global emergency, and freeze applies while it lasts.",
    "fmt": "Lay manifests out in the one canonical way; --check for pipelines.",
    "explain": "Say what a kind or a field means, and what the API does with it.",
    "schema": "Print the JSON Schema of a kind, for editors and checks.",
    "completion": "Print the script that lets a shell complete words.",
    "simulator": "Serve the embedded simulator of the API over HTTP.",
    "demo": "Run the whole loop on the embedded simulator, in a temporary directory.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module (`reconciler.cli.NAME`) when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a working day, not of the alphabet."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that exact name, or None; a shortened name is none."""
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = importlib.import_module(f"reconciler.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            guesses = difflib.get_close_matches(args[0], SUMMARIES, n=1)
            hint = f" Did you mean {guesses[0]!r}?" if guesses else ""
            raise click.UsageError(error.message + hint, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))
