"""`reconciler completion`: let the shell complete commands, options, documents and targets."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from reconciler.cli.options import common_options
from reconciler.cli.session import current
from reconciler.errors import ReconcilerError

PROGRAM = "reconciler"
VARIABLE = "_RECONCILER_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
@common_options
def command(shell: str) -> int:
    """
    Print the script that makes a shell complete commands, options, KIND/NAME and targets.

    \b
    bash:  eval "$(reconciler completion bash)"        in ~/.bashrc (bash 4.4 or newer)
    zsh:   eval "$(reconciler completion zsh)"         in ~/.zshrc
    fish:  reconciler completion fish | source         in ~/.config/fish/completions/reconciler.fish
    """
    root = click.get_current_context().find_root().command
    found = get_completion_class(shell)
    if found is None:
        raise ReconcilerError(f"nothing is known of completing in {shell}", hint=f"there are {', '.join(SHELLS)}")
    script = found(root, {}, PROGRAM, VARIABLE)
    current().screen.result(script.source_template % script.source_vars())
    return 0
