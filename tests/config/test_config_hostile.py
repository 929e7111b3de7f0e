"""Hostile input is bounded and refused with its place, in a moment, whatever a pull request brings."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.directory import MAX_FILE_SIZE
from reconciler.config.load import Loaded, load
from reconciler.model.address import Address
from reconciler.model.problem import Problem

Write = Callable[[Mapping[str, str | bytes]], Path]
Problems = Callable[..., tuple[Problem, ...]]

TEAM = "apiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: north}\n"
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
)
MOST_SECONDS = 5.0


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        pytest.param(BOMB, "alias-bomb", 5, id="alias bomb"),
        pytest.param("a: " + "[" * 100_000, "too-deep", 1, id="deep brackets"),
        pytest.param("a: " + "[" * 100_000 + "]" * 100_000, "too-deep", 1, id="deep closed brackets"),
        pytest.param("- " * 100_000 + "x", "too-deep", 1, id="deep list"),
        pytest.param("".join(" " * depth + "a:\n" for depth in range(2000)), "too-deep", 65, id="deep block"),
        pytest.param("? " * 100_000 + "x", "complex-key", 1, id="deep keys"),
        pytest.param(TEAM + "spec: &s {a: *s}\n", "recursive-alias", 4, id="recursion"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00\x90\xff\xfe", "not-utf8", 1, id="binary"),
        pytest.param(b"a: 1\nb: caf\xe9\n", "not-utf8", 2, id="Latin-1"),
        pytest.param("a: 1\n".encode("utf-16"), "not-utf8", 1, id="UTF-16"),
        pytest.param("a: 1\nb: \x07\n", "control-character", 2, id="bell"),
        pytest.param("a: 1\nb: \x00\n", "control-character", 2, id="zero byte"),
        pytest.param("a: 1\nb: \x1b[2J\n", "control-character", 2, id="terminal escape"),
        pytest.param("a: \ufffe\n", "control-character", 1, id="no character"),
        pytest.param(b"x" * (MAX_FILE_SIZE + 1), "file-too-large", 0, id="too large"),
        pytest.param("a: !!python/object/apply:os.system [exit 1]\n", "tag", 1, id="Python object"),
        pytest.param("!!python/object/new:os.system [exit 1]\n", "tag", 1, id="Python object at the top"),
        pytest.param("!!python/name:os.system : x\n", "tag", 1, id="Python name as a key"),
    ],
)
def test_a_hostile_file_is_refused(write: Write, problems: Problems, data: str | bytes, rule: str, line: int) -> None:
    """The file is named with rule and line, quickly, and nothing in it is executed or expanded."""
    root = write({"hostile.yaml": data, "team.yaml": TEAM})
    started = time.monotonic()
    found = problems(root)
    assert time.monotonic() - started < MOST_SECONDS
    assert (rule, "hostile.yaml", line) in [(str(each.rule), each.place.file, each.place.line) for each in found]
    assert all(each.advice or each.expected for each in found)


def test_a_large_single_line_is_read_in_bounds(write: Write, problems: Problems) -> None:
    """A line of megabytes is a scalar like any other; it is not shown in full."""
    text = "x" * (MAX_FILE_SIZE // 2 - 1000)
    found = problems(write({"a.yaml": TEAM + f"spec: {{serviceTime: {text}, primarySupervisor: {text}A}}\n"}))
    assert {str(each.rule) for each in found} == {"wrong-type", "too-long", "bad-format"}
    assert all(len(str(each)) < 1000 for each in found)


def test_a_gigabyte_is_not_read(write: Write, problems: Problems) -> None:
    """A file's size is looked at before its content."""
    root = write({"team.yaml": TEAM})
    with (root / "huge.yaml").open("wb") as file:
        file.truncate(1 << 30)
    started = time.monotonic()
    assert [str(each.rule) for each in problems(root)] == ["file-too-large"]
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_pipes_sockets_and_devices_are_refused(write: Write, problems: Problems) -> None:
    """Nothing waits for a pipe's writer."""
    root = write({"team.yaml": TEAM})
    os.mkfifo(root / "pipe.yaml")
    (root / "device.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)  # a socket's path may be 108 bytes long at most
        try:
            server.bind("socket.yaml")
        finally:
            os.chdir(here)
        found = {each.place.file: str(each.rule) for each in problems(root)}
    assert found == {"pipe.yaml": "not-a-file", "device.yaml": "link-outside", "socket.yaml": "not-a-file"}


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a/b", "..", ".hidden", "a\\b", "x\ny", "x\x00y", "ü", ""])
def test_a_name_cannot_leave_its_place(write: Write, problems: Problems, name: str) -> None:
    """Names end up in step ids and file names: only the contract's characters pass."""
    quoted = "".join(f"\\U{ord(each):08x}" for each in name)
    text = f'apiVersion: maxcontact/v1\nkind: Team\nmetadata: {{name: "{quoted}"}}\n'
    assert [(str(each.rule), each.place.line) for each in problems(write({"a.yaml": text}))] == [("bad-format", 3)]


def test_what_is_shown_cannot_disturb_a_terminal(write: Write, problems: Problems) -> None:
    """Escapes, line breaks and direction marks in values and field names are shown as escapes."""
    nasty = r"\e[31m\r\n\u202e\x9b"
    text = TEAM + f'spec: {{"{nasty}": 1, serviceTime: "{nasty}", primarySupervisor: "{nasty}"}}\n'
    found = problems(write({"a.yaml": text}))
    assert len(found) == 3
    for problem in found:
        assert str(problem).isprintable()
        assert "\\x1b[31m\\r\\n\\u202e" in str(problem)


@pytest.mark.parametrize(
    "spec",
    [
        "password: hunter2-s3cret",
        "password: [hunter2-s3cret]",
        "password: {hunter2-s3cret}",
        "password: {hunter2-s3cret: 1, env: A}",
        "password: {env: hunter2-s3cret}",
        "password: {env: [hunter2-s3cret]}",
        "password: {file: {hunter2-s3cret: 1}}",
        "password: {command: hunter2-s3cret}",
        "password: {generate: hunter2-s3cret}",
        "password: {rotation: hunter2-s3cret, env: A}",
        "password: {literal: hunter2-s3cret}",
        "password: !hunter2-s3cret",
        "password: *hunter2-s3cret",
        "password: &a hunter2-s3cret\n  password: *a",
        "password: 'hunter2-s3cret",
        "password: @hunter2-s3cret",
        "password: hunter2-s3cret: x",
        'password: "\\hunter2-s3cret"',
    ],
)
def test_no_problem_repeats_a_password(write: Write, problems: Problems, spec: str) -> None:
    """Whatever is wrong with a password's lines, what stands there is not printed."""
    text = f"apiVersion: maxcontact/v1\nkind: User\nmetadata: {{name: jane}}\nspec:\n  {spec}\n"
    found = problems(write({"a.yaml": text}))
    assert found
    assert all("s3cret" not in f"{each}{each!r}" for each in found)


def test_no_problem_repeats_a_login_in_an_address(write: Write, problems: Problems) -> None:
    """People put a password into a URL."""
    project = (
        "apiVersion: maxcontact/v1\nkind: Project\nmetadata: {name: p}\n"
        "spec: {targets: {live: {url: 'https://me:s3cret@acme.example'}}}\n"
    )
    root = write({"reconciler.yaml": project, "team.yaml": TEAM})
    environment = {"RECONCILER_URL": "https://me:s3cret@acme.example", "RECONCILER_LOGIN": "me"}
    for found in (problems(root), problems(root, environment)):
        assert found
        assert all("s3cret" not in f"{each}{each!r}" for each in found)


@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
def test_a_hostile_text_comes_back_to_the_character(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """What a text field says reaches the desired inventory as it was written: no trimming, folding or normalising."""
    root = tmp_path_factory.mktemp("config")
    quoted = "".join(f"\\U{ord(each):08x}" for each in text)
    spec = "\n".join(f'  {name}: "{quoted}"' for name in ("campaignName", "description", "callerId", "zipToneWav"))
    (root / "a.yaml").write_text(
        f"apiVersion: maxcontact/v1\nkind: Campaign\nmetadata: {{name: a}}\nspec:\n{spec}\n", encoding="utf-8"
    )
    loaded: Loaded = load(root, environment={})
    desired = loaded.desired.objects[Address("Campaign", "a")]
    assert [desired.fields[name] for name in ("campaignName", "description", "callerId", "zipToneWav")] == [text] * 4
    assert desired.natural_key == text
