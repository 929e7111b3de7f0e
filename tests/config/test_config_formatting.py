"""`fmt`: one layout, and never another meaning."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.formatting import FormattingError, format_manifests
from reconciler.config.layout import read_layout
from reconciler.config.source import Source
from reconciler.config.yaml_reader import read_documents

ROOT = Path(__file__).parents[2]


def formatted(text: str) -> str:
    """Return a text in its canonical layout, which has to stay the same when it is formatted again."""
    once = format_manifests(Source(name="a.yaml", data=text.encode()))
    assert isinstance(once, str)
    assert format_manifests(Source(name="a.yaml", data=once.encode())) == once
    return once


def contents(text: str) -> list[tuple[int, object]]:
    """Return what a text says."""
    documents, problems = read_documents(Source(name="a.yaml", data=text.encode()))
    assert not problems
    return [(document.index, document.content) for document in documents]


HEAD = "apiVersion: maxcontact/v1\nkind: Campaign\nmetadata: {name: a}\n"
CASES = {
    "top-level-order": (
        "spec: {type: Ping}\nmetadata: {labels: {z: a, b: c}, name: a}\nkind: Campaign\napiVersion: maxcontact/v1\n",
        "apiVersion: maxcontact/v1\nkind: Campaign\nmetadata: {name: a, labels: {z: a, b: c}}\nspec: {type: Ping}\n",
    ),
    "fields-in-schema-order-with-their-comments": (
        HEAD + "spec:\n  # how\n  type: Ping   # fast\n\n  # who\n  description: x\n",
        HEAD + "spec:\n  # who\n  description: x\n  # how\n  type: Ping  # fast\n",
    ),
    "indents": (
        HEAD + "spec:\n      type:   Ping\nlifecycle:\n    operational:\n    - type\n    -   status\n",
        HEAD + "lifecycle:\n  operational:\n    - type\n    - status\nspec:\n  type: Ping\n",
    ),
    "quotes": (
        HEAD + "spec: {type: 'Ping', callerId: 0161, description: 'it''s: \"x\"', zipToneWav: \"NO\"}\n",
        HEAD + 'spec: {description: "it\'s: \\"x\\"", callerId: "0161", type: Ping, zipToneWav: "NO"}\n',
    ),
    "a-modeline-stays-on-top": (
        "# yaml-language-server: $schema=x.json\n\nkind: Team\napiVersion: maxcontact/v1\nmetadata: {name: t}\n",
        "# yaml-language-server: $schema=x.json\n\napiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: t}\n",
    ),
    "a-block-of-lines": (
        HEAD + "spec:\n    description: |  # long\n        One\n          Two\n\n        Three\n    type: Ping\n",
        HEAD + "spec:\n  description: |  # long\n    One\n      Two\n\n    Three\n  type: Ping\n",
    ),
    "text-over-several-lines": (
        HEAD + 'spec:\n     description: one\n        two # end\n     callerId: "1\n\n        2"\n',
        HEAD + 'spec:\n  description: one\n    two  # end\n  callerId: "1\n\n    2"\n',
    ),
    "brackets-over-several-lines": (
        HEAD + "lifecycle: {operational: [type,   # one\n       status]}\n",
        HEAD + "lifecycle: {operational: [type,   # one\n  status]}\n",
    ),
    "several-documents": (
        "---\n# first\n" + HEAD + "\n\n# foot\n---\n\n# second\n" + HEAD + "...\n---\n# nothing\n",
        "# first\n" + HEAD + "\n# foot\n---\n# second\n" + HEAD + "---\n# nothing\n",
    ),
    "members": (
        "kind: Membership\nspec:\n  users:\n  - {proficiency: 3, user: jane}\n  # Sam\n"
        "  - proficiency: 4\n    user: sam\n  skill: French\n  # foot\n",
        "kind: Membership\nspec:\n  skill: French\n  users:\n    - {user: jane, proficiency: 3}\n    # Sam\n"
        "    - user: sam\n      proficiency: 4\n  # foot\n",
    ),
    "aliases-keep-their-order": (
        HEAD + "spec:\n  hoursPerWorkingDay: &h 7.5\n  targetDropPercent:  *h\n",
        HEAD + "spec:\n  hoursPerWorkingDay: &h 7.5\n  targetDropPercent: *h\n",
    ),
    "windows-line-ends-and-blank-lines": (
        HEAD.replace("\n", "\r\n") + "\r\n\r\nspec: {}\r\n\r\n\r\n",
        HEAD + "\nspec: {}\n",
    ),
    "only-comments": ("# nothing\n\n# here\n", "# nothing\n\n# here\n"),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_layout(before: str, after: str) -> None:
    """Each rule of the layout, by an example."""
    assert formatted(before) == after


@pytest.mark.parametrize(
    "text",
    [HEAD + "spec:\n  description: |2\n      x\n", "%YAML 1.2\n---\n" + HEAD, "? {a: b}\n: c\n"],
    ids=["indented-block", "directive", "complex-key"],
)
def test_what_is_out_of_the_ordinary_is_left_alone(text: str) -> None:
    """A text that can't be printed safely is refused or a problem, never guessed at."""
    with contextlib.suppress(FormattingError):
        assert not isinstance(format_manifests(Source(name="a.yaml", data=text.encode())), str)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("examples/**/*.yaml")), ids=lambda path: str(path.relative_to(ROOT / "examples"))
)
def test_the_examples_can_be_formatted(path: Path) -> None:
    """Whatever the examples say, they say it after formatting too."""
    text = path.read_text(encoding="utf-8")
    assert contents(formatted(text)) == contents(text)


WORDS = st.text(st.sampled_from("aé→#:-,[]{}'\"|>&*!%@ \\0179+.~?="), max_size=8) | st.sampled_from(
    ["NO", "null", "true", "0161", "+44", "17:30", "1e3", "x: y", "a #b", "- a", "---", "...", "<<", "2026-12-31"]
)
KEYS = st.sampled_from(["apiVersion", "kind", "metadata", "name", "spec", "type", "description", "zz", "a b", "0"])
COMMENTS = st.sampled_from(["", "", "", "# plain", "#tight", "# with: colon", "# - dash", "# 'quote", "#"])


@st.composite
def scalars(draw: st.DrawFn, *, flow: bool) -> str:
    """Write a scalar in one of the ways there are."""
    text = draw(WORDS)
    single, double = "'" + text.replace("'", "''") + "'", '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    plain = text if text and text.strip() == text and text.isalnum() else double
    return draw(st.sampled_from([single, double, plain]))


@st.composite
def in_brackets(draw: st.DrawFn, depth: int = 2) -> str:
    """Write a value in brackets."""
    if depth == 0 or draw(st.booleans()):
        return draw(scalars(flow=True))
    space = draw(st.sampled_from(["", " "]))
    if draw(st.booleans()):
        items = draw(st.lists(in_brackets(depth=depth - 1), max_size=3))
        return f"[{space}{f'{space},{space}'.join(items)}{space}]"
    keys = draw(st.lists(KEYS, max_size=3, unique=True))
    entries = [f"{key}: {draw(in_brackets(depth=depth - 1))}" for key in keys]
    return f"{{{space}{f',{space} '.join(entries)}{space}}}"


@st.composite
def blocks(draw: st.DrawFn, indent: int = 0, depth: int = 3) -> list[str]:
    """Write a mapping or a list in lines, with comments and blank lines anywhere they may stand."""
    pad, lines = " " * indent, []
    mapping = depth == 3 or draw(st.booleans())
    names = draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)) if mapping else ["-"] * draw(st.integers(1, 3))
    for name in names:
        lines += [pad + comment if comment else "" for comment in draw(st.lists(COMMENTS, max_size=2))]
        head = f"{pad}{name}:" if mapping else f"{pad}-"
        behind = draw(COMMENTS)
        behind = f" {behind}" if behind else ""
        if depth and draw(st.booleans()):
            inner = draw(blocks(indent=indent + draw(st.integers(1, 4)), depth=depth - 1))
            lines += [head + behind, *inner]
        elif mapping and draw(st.integers(0, 4)) == 0:
            style = draw(st.sampled_from(["|", ">", "|-", ">-", "|+"]))
            inner = draw(st.lists(st.sampled_from(["a", "b # c", "", " d"]), max_size=3))
            lines += [f"{head} {style}{behind}", *(f"{pad}   {line}" for line in ["first", *inner])]
        else:
            lines.append(f"{head}{' ' * draw(st.integers(1, 3))}{draw(in_brackets())}{behind}")
    return lines


@given(st.lists(blocks(), min_size=1, max_size=2))
def test_formatting_keeps_the_meaning_and_the_comments(documents: list[list[str]]) -> None:
    """Any text that the reader takes: the same values, the same comments, and done after one time; or left alone."""
    text = "\n---\n".join("\n".join(lines) for lines in documents) + "\n"
    _, problems = read_documents(Source(name="a.yaml", data=text.encode()))
    try:
        once = format_manifests(Source(name="a.yaml", data=text.encode()))
    except FormattingError as error:
        pytest.fail(f"{error}\n{text}")
    if problems:
        assert not isinstance(once, str)
        return
    assert isinstance(once, str)
    assert contents(once) == contents(text)
    assert format_manifests(Source(name="a.yaml", data=once.encode())) == once
    before, after = (Counter(each.text for each in read_layout(each).comments) for each in (text, once))
    assert before == after
