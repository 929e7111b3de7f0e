"""
Which files are manifests.

Every `*.yaml` and `*.yml` below the directory, in sorted order; hidden files and folders are skipped. A file may be a
symlink into the directory (a mounted Kubernetes ConfigMap is made of them), never out of it. Each file and folder is
read once, under its own name rather than a link's, so that links cannot loop or double anything.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config.rules import Rule
from reconciler.config.source import Source
from reconciler.model.problem import Place, Problem

MAX_FILE_SIZE = 16 * 1024 * 1024
"""Bytes in one file: five times a manifest of 10,000 campaigns."""

SUFFIXES = (".yaml", ".yml")

Identity = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Listing:
    """What is found below a directory: file names relative to it, sorted, with `/` between folders."""

    root: Path
    real_root: str
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    seen: set[Identity] = field(default_factory=set)

    def refuse(self, rule: Rule, name: str, message: str, *, advice: str) -> None:
        """Note why a file or folder is not read."""
        self.problems.append(Problem(rule=rule, message=message, place=Place(name), advice=advice))


def list_files(root: Path, *, skip: Collection[str] = (), folder: str = "") -> Listing:
    """
    Return the manifest files below `root`, or below one `folder` of it, and what could not be read.

    `skip` names folders, relative to `root`, that are not entered. Raises nothing: an unreadable folder is a problem.
    """
    listing = Listing(root=root, real_root=os.path.realpath(root))
    _walk(listing, folder, frozenset(skip))
    while listing.links:
        links, listing.links = sorted(listing.links), []
        for name in links:
            _follow(listing, name, frozenset(skip))
    listing.files.sort(key=lambda name: name.split("/"))
    return listing


def _walk(listing: Listing, folder: str, skip: frozenset[str]) -> None:
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            with os.scandir(listing.root / current) as entries:
                found = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            advice = "make it readable for the user who runs this, or name another directory"
            listing.refuse(Rule.UNREADABLE_FILE, current or ".", f"cannot be read: {error.strerror}", advice=advice)
            continue
        for entry in found:
            name = f"{current}/{entry.name}" if current else entry.name
            if entry.is_symlink():
                listing.links.append(name)
            elif entry.is_dir(follow_symlinks=False):
                if name not in skip and _is_new(listing, entry.stat(follow_symlinks=False)):
                    folders.append(name)
            elif name.endswith(SUFFIXES):
                if not entry.is_file(follow_symlinks=False):
                    _refuse_special(listing, name)
                elif _is_new(listing, entry.stat(follow_symlinks=False)):
                    listing.files.append(name)


def _follow(listing: Listing, name: str, skip: frozenset[str]) -> None:
    """Read what a symlink points at, if it stays inside and was not read under its own name."""
    target = os.path.realpath(listing.root / name)
    try:
        status = os.stat(target)
    except OSError:
        if name.endswith(SUFFIXES):
            advice = "mend or remove the link"
            listing.refuse(Rule.UNREADABLE_FILE, name, "is a symlink to something that is not there", advice=advice)
        return
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not name.endswith(SUFFIXES):
        return
    if target != listing.real_root and not target.startswith(listing.real_root.rstrip(os.sep) + os.sep):
        advice = "copy it into the directory: what is applied must be in Git, and reviewed"
        listing.refuse(Rule.LINK_OUTSIDE, name, "is a symlink that leaves the configuration directory", advice=advice)
    elif target == listing.real_root or os.path.relpath(target, listing.real_root).replace(os.sep, "/") in skip:
        return
    elif is_folder:
        if _is_new(listing, status):
            _walk(listing, name, skip)
    elif not stat.S_ISREG(status.st_mode):
        _refuse_special(listing, name)
    elif _is_new(listing, status):
        listing.files.append(name)


def _is_new(listing: Listing, status: os.stat_result) -> bool:
    identity = (status.st_dev, status.st_ino)
    known = identity in listing.seen
    listing.seen.add(identity)
    return not known


def _refuse_special(listing: Listing, name: str) -> None:
    advice = "a manifest is a regular file; move this one away or rename it"
    listing.refuse(Rule.NOT_A_FILE, name, "is a pipe, socket or device", advice=advice)


def read_source(root: Path, name: str) -> Source | Problem:
    """Return a file's bytes, or why they are not read; what is checked is the open file, which nobody can swap."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(root / name, flags)
    except OSError as error:
        return _unreadable(name, error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            advice = "a manifest is a regular file; move this one away or rename it"
            return Problem(rule=Rule.NOT_A_FILE, message="is a pipe or device", place=Place(name), advice=advice)
        data = _read_bytes(descriptor, status.st_size) if status.st_size <= MAX_FILE_SIZE else None
    except OSError as error:
        return _unreadable(name, error)
    finally:
        os.close(descriptor)
    if data is None or len(data) > MAX_FILE_SIZE:
        return Problem(
            rule=Rule.FILE_TOO_LARGE,
            message=f"has {status.st_size:,} bytes",
            place=Place(name),
            expected=f"at most {MAX_FILE_SIZE:,} bytes",
            advice="split it into several files, or move it away if it is no manifest",
        )
    return Source(name=name, data=data)


def _read_bytes(descriptor: int, size: int) -> bytes:
    """Return a file's bytes; one more than the limit at most, should it grow meanwhile."""
    data = os.read(descriptor, size + 1)
    while len(data) <= MAX_FILE_SIZE and (more := os.read(descriptor, 1 << 20)):
        data += more
    return data


def _unreadable(name: str, error: OSError) -> Problem:
    return Problem(
        rule=Rule.UNREADABLE_FILE,
        message=f"cannot be read: {error.strerror}",
        place=Place(name),
        advice="make it readable for the user who runs this",
    )
