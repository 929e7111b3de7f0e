"""Format the manifests of a directory, or single files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.config.directory import list_files, read_source
from reconciler.config.editing import write_whole
from reconciler.config.formatting import FormattingError, format_manifests
from reconciler.config.source import Source
from reconciler.errors import ReconcilerError
from reconciler.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """
    One file: `name` as it is shown, its text before and after.

    `problems` keep it from being read. `reason` says why it is left as it is though it can be read.
    """

    path: Path
    name: str
    before: str = ""
    after: str = ""
    problems: tuple[Problem, ...] = ()
    reason: str = ""

    @property
    def changes(self) -> bool:
        """Return whether formatting changes the file."""
        return self.before != self.after

    def difference(self) -> str:
        """Return the change as a unified diff."""
        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"a/{self.name}", f"b/{self.name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def format_files(paths: Sequence[str]) -> Iterator[Formatted]:
    """Yield every manifest file at some paths, formatted; raises ReconcilerError for a path that is not there."""
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise ReconcilerError(f"there is no {', '.join(missing)}", hint="name directories or files that exist")
    seen: set[Path] = set()
    for root, name, shown in _files(paths):
        path = (root / name).resolve()
        if path not in seen:
            seen.add(path)
            yield _formatted(root, name, shown)


def write_formatted(file: Formatted) -> None:
    """Put a file's formatted text in its place; raises ReconcilerError when it can't be written."""
    try:
        write_whole(file.path, file.after.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise ReconcilerError(
            f"{file.name} could not be written: {error.strerror or error}", hint="make it and its folder writable"
        ) from error


def _files(paths: Iterable[str]) -> Iterator[tuple[Path, str, str]]:
    for text in paths:
        path = Path(text)
        if path.is_dir():
            for name in list_files(path).files:
                yield path, name, (path / name).as_posix()
        else:
            yield path.parent, path.name, path.as_posix()


def _formatted(root: Path, name: str, shown: str) -> Formatted:
    path = (root / name).resolve()
    source = read_source(root, name)
    if isinstance(source, Problem):
        return Formatted(path=path, name=shown, problems=(source,))
    source = Source(name=shown, data=source.data)
    try:
        after = format_manifests(source)
    except FormattingError as error:
        return Formatted(path=path, name=shown, reason=str(error))
    if not isinstance(after, str):
        return Formatted(path=path, name=shown, problems=after)
    return Formatted(path=path, name=shown, before=source.data.decode("utf-8"), after=after)
