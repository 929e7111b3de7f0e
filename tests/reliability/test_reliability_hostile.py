"""Hostile text and hostile files, over the command line: text is only ever text, and no file takes hold of the run."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from reconciler.kinds.registry import KINDS
from reconciler.kinds.spec import Form, KindSpec
from reconciler.simulator.fields import Kind
from reconciler.simulator.variants import VARIANTS
from tests.reliability.grounds import Ground

MARK = "hostile"
TEXTS = {
    "html": f"</script></td><{MARK}-tag onmouseover=alert(1)><img src=x onerror=alert(1)>&lt;&#39;",
    "markdown": f"![{MARK}](//{MARK}.invalid) [{MARK}](javascript:alert(1)) | `` ` ``` **b** <!-- --> @{MARK} #1",
    "terminal": f"{MARK} \x1b[2J\x1b]0;owned\x07\x9b31m \r\b{MARK}",
    "unicode": f"{MARK} \u202e\u2066gnp.exe\u2069\u200f \u200b\ufeff e\u0301 \U0001f469\u200d\U0001f467 \U0010ffff",
    "quoting": f"{MARK} \"'\\`$(id) ${{HOME}} {{{{7*7}}}} %s %0a ;--",
    "xml": f"{MARK} ]]>&amp;<![CDATA[<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "lines": f"{MARK} one\ntwo\n\n# three\n```\n::error::four",
    "path": f"../../{MARK}/../../etc/passwd",
}
PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNPRINTABLE = re.compile(r"[\x7f-\x9f\ufeff]")
MOST_SECONDS = 5.0
MOST_MEMORY = 300 * 1024


class Tags(HTMLParser):
    """Collects what a browser would take for tags, attributes and scripts' content."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def hostile(self) -> list[str]:
        """Return what hostile text has made of itself."""
        acting = [f"{name}={value}" for name, value in self.attributes if name.startswith("on")]
        leading = [
            f"{name}={value}"
            for name, value in self.attributes
            if name in ("href", "src")
            and value is not None
            and (MARK in value or "javascript" in value or value == "x")
        ]
        return [*(tag for tag in self.tags if MARK in tag), *acting, *leading]


def text_fields(spec: KindSpec) -> Iterator[tuple[str, str]]:
    """Yield every text field of a kind, by its name here and on the wire."""
    for field in spec.fields:
        if field.form is Form.TEXT:
            yield field.name, field.wire


def manifests(text: str) -> str:
    """Return one object of each kind whose every text field holds a text."""
    documents = []
    for spec in KINDS:
        values: dict[str, object] = {name: text for name, _ in text_fields(spec)}
        if spec.name == "Campaign":
            values |= {"type": "Predictive", "zipTone": "Wav File"}
        if spec.name == "User":
            values |= {"rolePlanId": 2, "password": {"env": "AGENT_PASSWORD"}}
        head = {"apiVersion": "maxcontact/v1", "kind": spec.name, "metadata": {"name": "one"}}
        written = json.dumps(head | {"spec": values}, ensure_ascii=False)
        documents.append(UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written))
    return "\n---\n".join(documents) + "\n"


@pytest.mark.parametrize(
    ("name", "server"), [*((name, "plain") for name in TEXTS), ("terminal", "wcf"), ("lines", "web-api")]
)
def test_hostile_text_is_kept_and_shown_as_text(name: str, server: str, ground: Ground) -> None:
    """It comes back byte for byte, and in no report is it markup or an order to a terminal."""
    ground.tenant.renew(VARIANTS[server])
    ground.write(manifests(TEXTS[name]))
    runs: list[tuple[str, ...]] = [("validate",)]
    runs += [("plan", "--format", form) for form in ("text", "markdown", "html")]
    runs += [("apply", "-y", "--format", "markdown"), ("plan", "--detailed-exitcode")]
    runs += [("drift", "--all", "--format", form) for form in ("text", "markdown", "html")]
    ended = {words: ground.run(*words) for words in runs}
    assert not [each for each in ended.values() if each.code], ended
    for kind, spec in zip((Kind.CAMPAIGNS, Kind.LISTS, Kind.TEAMS, Kind.USERS), sorted_kinds(), strict=True):
        row = list(ground.tenant.world.objects[kind].values())[-1]
        assert {wire: row[wire] for _, wire in text_fields(spec)} == {
            wire: TEXTS[name] for _, wire in text_fields(spec)
        }
    for words, each in ended.items():
        assert not PRINTED.search(each.err), words
        shown = each.out
        if words[-1] == "markdown":
            shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(each.out)
        elif words[-1] != "html":
            assert not PRINTED.search(shown), words
            continue
        assert Tags(shown).hostile() == [], words


def sorted_kinds() -> list[KindSpec]:
    """Return the kinds in the order of the simulator's."""
    return [next(spec for spec in KINDS if spec.name == name) for name in ("Campaign", "List", "Team", "User")]


def test_the_search_for_markup_finds() -> None:
    """What is not escaped would be seen."""
    assert Tags(TEXTS["html"]).hostile()
    assert Tags(str(MarkdownIt("commonmark").render(TEXTS["markdown"]))).hostile()
    assert PRINTED.search(TEXTS["terminal"])
    assert PRINTED.search(TEXTS["unicode"])


def bomb(folder: Path) -> None:
    """Write aliases that would grow to a billion."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (folder / "bomb.yaml").write_text("a0: &a0 [x]\n" + "\n".join(levels), encoding="utf-8")


def long_line(folder: Path) -> None:
    """Make a line of a gigabyte that takes no room on the disk."""
    with (folder / "long.yaml").open("wb") as file:
        file.truncate(1 << 30)


def outside(folder: Path) -> None:
    """Link to a file outside."""
    (folder.parent / "outside.yaml").write_text("apiVersion: maxcontact/v1\nkind: Team\n", encoding="utf-8")
    (folder / "linked.yaml").symlink_to(folder.parent / "outside.yaml")


def outside_folder(folder: Path) -> None:
    """Link to a folder outside."""
    (folder / "everything").symlink_to("/")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "alias bomb": (bomb, "bomb.yaml"),
    "a gigabyte in a line": (long_line, "long.yaml"),
    "a FIFO": (lambda folder: os.mkfifo(folder / "pipe.yaml"), "pipe.yaml"),
    "a device": (lambda folder: (folder / "zero.yaml").symlink_to("/dev/zero"), "zero.yaml"),
    "a link out": (outside, "linked.yaml"),
    "a folder linked out": (outside_folder, "everything"),
    "a link to itself": (lambda folder: (folder / "loop.yaml").symlink_to("loop.yaml"), "loop.yaml"),
    "binary": (lambda folder: (folder / "binary.yaml").write_bytes(bytes(range(256)) * 4), "binary.yaml"),
    "deep": (lambda folder: (folder / "deep.yaml").write_text("a: " + "[" * 200_000), "deep.yaml"),
    "python": (lambda folder: (folder / "p.yaml").write_text("!!python/object/apply:os._exit [0]"), "p.yaml"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_is_refused_in_a_moment(what: str, ground: Ground) -> None:
    """The file is named, in bounded time and memory, and nothing is contacted."""
    make, name = FILES[what]
    make(ground.folder)
    for words in (("validate",), ("plan",)):
        began = time.monotonic()
        ended = ground.run(*words)
        assert time.monotonic() - began < MOST_SECONDS
        assert ended.code == 1, ended
        assert name in ended.err
        assert "Traceback" not in ended.err
        assert ended.memory < MOST_MEMORY
    assert ground.tenant.log == ()


NAMES = ["../../x", "/etc/passwd", "..", "a/b", "x\x00y", "-rf", "Ünï", "a" * 129, "con\n", "$(id)", "*"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_refused(name: str, ground: Ground) -> None:
    """A key is a key: nothing that a file system or a shell would take for more."""
    document = {"apiVersion": "maxcontact/v1", "kind": "Team", "metadata": {"name": name}, "spec": {}}
    ground.write(json.dumps(document))
    ended = ground.run("validate")
    assert ended.code == 1, ended
    assert "ground.yaml:1" in ended.err
    assert not PRINTED.search(ended.err)


@pytest.mark.parametrize("overlay", ["../../x", "/etc", "..", "a/../../b"])
def test_a_hostile_overlay_is_refused(overlay: str, ground: Ground) -> None:
    """An overlay lies inside the directory."""
    project = (ground.folder / "reconciler.yaml").read_text(encoding="utf-8")
    changed = project.replace("state: state", f"overlays: [{json.dumps(overlay)}], state: state")
    (ground.folder / "reconciler.yaml").write_text(changed, encoding="utf-8")
    ended = ground.run("validate")
    assert ended.code == 1, ended
    assert "reconciler.yaml" in ended.err


PLANS = ["", "{}", "[" * 100_000, '{"formatVersion": "1.0"}', '{"formatVersion": "9.9", "steps": []}', "\x00" * 1000]


@pytest.mark.parametrize("content", PLANS, ids=lambda content: repr(content[:12]))
def test_a_hostile_plan_file_is_refused(content: str, ground: Ground) -> None:
    """What is no plan of this tool's is an error, and nothing is sent."""
    (ground.folder / "some.plan").write_text(content, encoding="utf-8")
    ended = ground.run("apply", "some.plan", "-y")
    assert ended.code in (1, 3), ended
    assert "some.plan" in ended.err
    assert "Traceback" not in ended.err
    assert "mistake in reconciler" not in ended.err
    assert ground.tenant.writes == ()


@pytest.mark.parametrize("name", ["ledger.json", "ledger.json.journal", "ledger.json.lock"])
@pytest.mark.parametrize("what", ["FIFO", "link", "folder"])
def test_a_hostile_thing_in_the_ledgers_place(what: str, name: str, ground: Ground) -> None:
    """Nothing waits on it for ever, nothing is written through it."""
    ground.ledger_file.parent.mkdir()
    place, victim = ground.ledger_file.with_name(name), ground.folder / "victim"
    victim.write_text("as it was", encoding="utf-8")
    match what:
        case "FIFO":
            os.mkfifo(place)
        case "link":
            place.symlink_to(victim)
        case "folder":
            place.mkdir()
    began = time.monotonic()
    ended = ground.run("apply", "-y")
    assert time.monotonic() - began < MOST_SECONDS
    assert ended.code in (1, 4), ended
    assert "Traceback" not in ended.err
    assert "mistake in reconciler" not in ended.err
    assert ground.tenant.writes == ()
    assert victim.read_text(encoding="utf-8") == "as it was"
