"""Which files are read: all manifests of a directory, in order, once, and nothing from elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reconciler.config.directory import list_files
from reconciler.config.load import Loaded, load, load_settings
from reconciler.errors import ConfigurationError
from reconciler.model.problem import Problem

Write = Callable[[Mapping[str, str | bytes]], Path]
Read = Callable[..., Loaded]
Problems = Callable[..., tuple[Problem, ...]]

links = pytest.mark.skipif(sys.platform == "win32", reason="symlinks need rights on Windows")


def team(name: str) -> str:
    """Return a manifest of a team."""
    return f"apiVersion: maxcontact/v1\nkind: Team\nmetadata: {{name: {name}}}\n"


def test_any_layout_is_read_in_sorted_order(write: Write) -> None:
    """Every *.yaml and *.yml at any depth, by folder and name; hidden ones and other files are not."""
    root = write(
        {
            "teams/b.yaml": team("b"),
            "teams/a.yml": team("a"),
            "teams-2.yaml": team("t"),
            "teams/deep/er/c.yaml": team("c"),
            "a.yaml": team("z"),
            "notes.txt": "hello: [",
            "teams/README.md": "# [",
            "teams/x.yaml.orig": "[",
            ".hidden.yaml": "[",
            ".git/config.yaml": "[",
            ".reconciler/state.yaml": "[",
            "teams/.drafts/d.yaml": "[",
        }
    )
    assert list_files(root).files == [
        "a.yaml",
        "teams/a.yml",
        "teams/b.yaml",
        "teams/deep/er/c.yaml",
        "teams-2.yaml",
    ]
    loaded = load(root, environment={})
    assert [address.name for address in loaded.desired.objects] == ["z", "t", "a", "b", "c"]
    assert [str(each.place) for each in loaded.desired.objects.values()][3] == "teams/b.yaml:1"


@pytest.mark.parametrize(
    "files",
    [{}, {"notes.txt": "x"}, {"a.yaml": ""}, {"a.yaml": "# nothing yet\n---\n"}, {".hidden.yaml": team("a")}],
    ids=["empty", "no manifests", "empty file", "comments", "hidden"],
)
def test_nothing_to_manage_is_an_error(write: Write, problems: Problems, files: dict[str, str]) -> None:
    """An empty or wrong directory must never look like a wish to remove everything."""
    root = write({**files, "placeholder.txt": ""})
    found = problems(root)
    assert [str(each.rule) for each in found] == ["no-documents"]
    assert "check the directory's name" in found[0].advice


@pytest.mark.parametrize(("name", "what"), [("missing", "does not exist"), ("file.yaml", "is a file")])
def test_a_directory_that_is_none_is_an_error(write: Write, name: str, what: str) -> None:
    """The message names the directory and what it is instead."""
    root = write({"file.yaml": team("a")})
    for function in (load, load_settings):
        with pytest.raises(ConfigurationError, match=what) as raised:
            function(root / name, environment={})
        assert "reconciler init" in raised.value.hint


@links
def test_a_link_out_of_the_directory_is_refused(write: Write, problems: Problems, tmp_path: Path) -> None:
    """What is applied must be what was reviewed: links to files and folders elsewhere are errors."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.yaml").write_text(team("x"))
    root = write({"a.yaml": team("a"), "folder/b.yaml": team("b")})
    (root / "file.yaml").symlink_to(tmp_path / "elsewhere" / "x.yaml")
    (root / "folder" / "inner").symlink_to("../../elsewhere")
    (root / "chain.yaml").symlink_to("file.yaml")
    (root / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "readme").symlink_to("/etc/hostname")
    assert {each.place.file: str(each.rule) for each in problems(root)} == {
        "chain.yaml": "link-outside",
        "file.yaml": "link-outside",
        "folder/inner": "link-outside",
        "gone.yaml": "unreadable-file",
        "loop.yaml": "unreadable-file",
    }


@links
def test_links_within_the_directory_neither_loop_nor_double(write: Write) -> None:
    """A file or folder that can be reached twice is read once, under its own name."""
    root = write({"teams/a.yaml": team("a"), "z.yaml": team("z")})
    (root / "teams" / "up").symlink_to("..")
    (root / "a-link.yaml").symlink_to("z.yaml")
    (root / "other").symlink_to("teams")
    assert list_files(root).files == ["teams/a.yaml", "z.yaml"]


@links
def test_a_mounted_config_map_is_read(write: Write) -> None:
    """Kubernetes mounts a ConfigMap as links into a hidden folder, which is a link itself."""
    root = write({"..2026_01_01/team.yaml": team("a")})
    (root / "..data").symlink_to("..2026_01_01")
    (root / "team.yaml").symlink_to("..data/team.yaml")
    assert [str(each.place) for each in load(root, environment={}).desired.objects.values()] == ["team.yaml:1"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_reported(write: Write, problems: Problems) -> None:
    """A file or folder without permission is an error, not a missing wish."""
    root = write({"a.yaml": team("a"), "b.yaml": team("b"), "c/d.yaml": team("d")})
    (root / "b.yaml").chmod(0)
    (root / "c").chmod(0)
    try:
        assert {(each.place.file, str(each.rule)) for each in problems(root)} == {
            ("b.yaml", "unreadable-file"),
            ("c", "unreadable-file"),
        }
    finally:
        (root / "c").chmod(0o700)


def test_the_digest_follows_every_byte(write: Write) -> None:
    """A saved plan can tell whether any manifest changed, came or went."""
    root = write({"a.yaml": team("a")})
    digests = [load(root, environment={}).desired.digest for _ in range(2)]
    write({"a.yaml": team("a") + "# a comment\n"})
    digests.append(load(root, environment={}).desired.digest)
    write({"b.yaml": "# nothing\n"})
    digests.append(load(root, environment={}).desired.digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
