"""The documentation tells the truth: what it repeats is in step, what it shows was run, what it names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs.generate import DOCS, PAGES, context_of, walk
from reconciler.cli.main import reconciler

ROOT = Path(__file__).parent.parent
READ_BY_PEOPLE = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?://)([^)#\s]+)(?:#[^)\s]*)?\)")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:^\$? ?|`)(reconciler (?!\|)[a-z][^`\n#|>]*)", re.MULTILINE)


def pages() -> list[str]:
    """Return the pages as paths below the repository."""
    return [path.relative_to(ROOT).as_posix() for path in READ_BY_PEOPLE]


def commands() -> dict[str, click.Command]:
    """Return every command by the words that call it."""
    return {" ".join(path): command for path, command in walk(reconciler, ("reconciler",))}


def calls_in(text: str) -> Iterator[list[str]]:
    """Yield the words of each command line that a page shows, in a block or between backticks."""
    for found in COMMAND.finditer(text):
        yield found[1].split()


@pytest.mark.parametrize("page", PAGES)
def test_what_pages_repeat_from_the_code_is_in_step(page: str) -> None:
    """Fields, commands, behaviours and the output of every command shown are the real ones: `make docs` renews them."""
    assert PAGES[page]() == (DOCS / page).read_text(encoding="utf-8"), "run: make docs"


@pytest.mark.parametrize("page", pages())
def test_every_command_and_option_that_is_shown_exists(page: str) -> None:
    """Nobody is told to type what the command line does not know."""
    known = commands()
    for words in calls_in((ROOT / page).read_text(encoding="utf-8")):
        path = "reconciler"
        for word in words[1:]:
            if not isinstance(known[path], click.Group) or word.startswith("-"):
                break
            path = f"{path} {word}"
            assert path in known, f"{page}: {' '.join(words)}"
        allowed = {name for command in (known["reconciler"], known[path]) for name in options_of(command)}
        for word in words[1:]:
            if word.startswith("-"):
                assert word.partition("=")[0] in allowed, f"{page}: {' '.join(words)}"


@pytest.mark.parametrize("page", pages())
def test_every_option_that_prose_names_exists(page: str) -> None:
    """An option between backticks is an option of some command."""
    prose = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    allowed = {name for command in commands().values() for name in options_of(command)}
    named = {found[1] for found in re.finditer(r"`(--[a-z-]+)", prose)}
    assert named <= allowed


@pytest.mark.parametrize("page", pages())
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    """No page points at a file that is not there."""
    path = ROOT / page
    links = LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    assert not [link for link in links if not (path.parent / link).exists()]


@pytest.mark.parametrize("page", pages())
def test_every_file_that_prose_names_exists(page: str) -> None:
    """A path of this repository between backticks is a file or folder of it."""
    prose = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    rooms = "|".join(("reconciler", "schemas", "examples", "tests", "docs", "benchmarks", r"\.ci", r"\.github"))
    named = {found[1] for found in re.finditer(rf"`((?:{rooms})/[\w./-]*)`", prose)}
    assert not [name for name in sorted(named) if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", pages())
def test_every_name_that_prose_places_in_a_file_stands_there(page: str) -> None:
    """Where a page says "`load` in `reconciler/config/load.py`", that file defines it."""
    prose = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    wrong = []
    for names, file in re.findall(r"((?:`\w+`(?:,\s| and\s)?)+)\sin\s`(reconciler/[\w/]+\.py)`", prose):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        wrong += [
            f"{file} does not define {name}" for name in re.findall(r"\w+", names) if name not in defined | {"and"}
        ]
    assert not wrong


def test_every_decision_is_listed() -> None:
    """The index of decisions has each page once, in order."""
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (DOCS / "adr" / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in (DOCS / "adr").glob("0*.md"))


def test_every_exit_code_is_explained_in_the_readme() -> None:
    """The README's short list and the main help text name the same codes."""
    helped = re.findall(r"^ {2}(\d+) ", reconciler.epilog or "", re.MULTILINE)
    (sentence,) = re.findall(r"Exit codes: (.*?)\.", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert re.findall(r"\d+", sentence) == helped


def options_of(command: click.Command) -> set[str]:
    """Return the spellings of all options of a command, its help included."""
    context = context_of(command)
    return {
        spelling
        for parameter in command.get_params(context)
        for spelling in [*parameter.opts, *parameter.secondary_opts]
    }
