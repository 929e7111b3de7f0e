"""The files of a starter directory, and putting them where none of them is in the way of anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from reconciler.errors import ReconcilerError

_HIDDEN = ("gitignore", "github/")
"""Kept without their dot, so that no tool takes them for this project's own."""

_SAME_PURPOSE = {"reconciler.yaml": ("reconciler.yml",)}


def starter_files() -> Mapping[str, str]:
    """Return every file of the starter directory, by its path below it."""
    return dict(sorted(_walk(files("reconciler") / "starter", "")))


def set_up(directory: Path) -> tuple[str, ...]:
    """
    Write the starter's files and return the paths of those that were not there yet.

    Raises ReconcilerError, and nothing is written, where a file of such a name says something else.
    """
    if directory.exists() and not directory.is_dir():
        raise ReconcilerError(f"{directory} is a file", hint="name a directory; it is made if there is none")
    wanted = starter_files()
    in_the_way = [name for name, text in wanted.items() if _is_other(directory / name, text)]
    in_the_way += [
        other
        for name in wanted
        for other in _SAME_PURPOSE.get(name, ())
        if (directory / other).is_symlink() or (directory / other).exists()
    ]
    if in_the_way:
        raise ReconcilerError(
            f"{', '.join(sorted(in_the_way))} in {directory} would be overwritten; nothing was written",
            hint="name an empty directory, or move them away",
        )
    missing = tuple(name for name in wanted if not (directory / name).exists())
    for name in missing:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[name].encode("utf-8"))
    return missing


def _is_other(path: Path, text: str) -> bool:
    if not path.exists() and not path.is_symlink():
        return any(parent.exists() and not parent.is_dir() for parent in path.parents)
    return not path.is_file() or path.read_bytes() != text.encode("utf-8")


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        name = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        else:
            shown = f".{name}" if name.startswith(_HIDDEN) else name
            yield shown, entry.read_text(encoding="utf-8")
