"""
The one way in which a manifest is laid out: key order, indents, quotes and blank lines; comments stay.

A document is printed anew from its layout, never from its values, so that what has no canonical form (a block of text,
a list in brackets over several lines) stays as it was written. The result is read again by the strict reader: it must
say the same and hold the same comments, or the file is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.config.layout import BLOCKS, Comment, Layout, LayoutError, Node, Tree, read_layout
from reconciler.config.quoting import bare, is_text, quoted, reads_back
from reconciler.config.schema_order import ANY, key_order
from reconciler.config.source import Source
from reconciler.config.writer import scalar_text
from reconciler.config.yaml_reader import read_documents
from reconciler.model.problem import Problem

_STEP = "  "
_BLANK = ""


class FormattingError(Exception):
    """A text that is left as it is; the message says why."""


def format_manifests(source: Source) -> str | tuple[Problem, ...]:
    """
    Return a file's text in its canonical layout, or the problems that keep it from being read.

    Formatting twice changes nothing more. Raises FormattingError for a text whose meaning could not be kept.
    """
    before, problems = read_documents(Source(name=source.name, data=source.data))
    if problems:
        return tuple(problems)
    text = source.data.decode("utf-8-sig").replace("\r\n", "\n")
    try:
        layout = read_layout(text)
        formatted = _print(layout)
        after_layout = read_layout(formatted)
    except LayoutError as error:
        raise FormattingError(f"its layout is out of the ordinary: {error}") from error
    after, problems = read_documents(Source(name=source.name, data=formatted.encode("utf-8", "surrogatepass")))
    same = [(each.index, each.content) for each in before] == [(each.index, each.content) for each in after]
    if problems or not same:
        raise FormattingError("formatting it would change what it says")
    if Counter(each.text for each in layout.comments) != Counter(each.text for each in after_layout.comments):
        raise FormattingError("formatting it would lose a comment")
    return formatted


def _print(layout: Layout) -> str:
    """Print all documents of a text."""
    if any(tree.directives for tree in layout.trees):
        raise FormattingError("it has a %YAML or %TAG line")
    parts: list[str] = []
    starts = [tree.start for tree in layout.trees] or [len(layout.text)]
    for number, tree in enumerate(layout.trees):
        first = 0 if number == 0 else starts[number]
        last = starts[number + 1] if number + 1 < len(starts) else len(layout.text)
        printer = _Printer(layout=layout, comments=[each for each in layout.comments if first <= each.start < last])
        lines = printer.document(tree)
        if number:
            parts.append("---")
        parts += lines
    if not layout.trees:
        parts = _tidy(_Printer(layout=layout, comments=list(layout.comments)).rest())
    text = "\n".join(parts)
    return f"{text}\n" if text else ""


@dataclass(slots=True, kw_only=True)
class _Printer:
    """Prints one document; `position` is how many of its comments are printed."""

    layout: Layout
    comments: list[Comment]
    position: int = 0
    kind: str = ""
    sorts: bool = True
    seen: int = 0

    def document(self, tree: Tree) -> list[str]:
        root = tree.root
        if root is None:
            return _tidy(self.rest())
        self.kind = next((value.value for key, value in root.entries if key.value == "kind"), "")
        # An alias may stand only after what it repeats.
        self.sorts = not any(each.is_alias for each in _all_nodes(root))
        first = root.entries[0][0] if root.is_mapping and not root.flow and root.entries else root
        head = self._leading(first.start, indent=_BLANK)
        lines = [*_unspaced(head), *self._block(root, (), _BLANK)]
        lines += self.rest()
        return _tidy(lines)

    # Comments

    def _leading(self, until: int, *, indent: str) -> list[str]:
        """Return the comments that stand before a place, and the blank lines between them, as lines of their own."""
        lines: list[str] = []
        position = self.seen
        while self.position < len(self.comments) and self.comments[self.position].start < until:
            comment = self.comments[self.position]
            lines += self._blank(position, comment.start)
            lines.append(indent + comment.text)
            position = comment.start + len(comment.text)
            self.position += 1
        return lines + self._blank(position, until)

    def _blank(self, start: int, end: int) -> list[str]:
        """Return one blank line where there are any; those between the dash of an item and the item don't count."""
        before, dash, after = self.layout.text[start:end].partition("-")
        return [_BLANK] if before.count("\n") > 1 and not (before + dash + after).strip(" \t\n-") else []

    def _behind(self, end: int) -> str:
        """Return the comment at the end of the line on which a value ends."""
        self.seen = max(self.seen, end)
        if self.position < len(self.comments):
            comment = self.comments[self.position]
            between = self.layout.text[end : comment.start]
            if not comment.alone and comment.start >= end and "\n" not in between and not between.strip(" \t:"):
                self.position += 1
                self.seen = comment.start + len(comment.text)
                return f"{_STEP}{comment.text}"
        return ""

    def _foot(self, column: int, until: int, indent: str) -> list[str]:
        """Return the comments below a block that are indented like it: they belong to it, not to what follows."""
        lines: list[str] = []
        while self.position < len(self.comments):
            comment = self.comments[self.position]
            if comment.start >= until or not comment.alone or comment.column < column:
                break
            lines += [*self._blank(self.seen, comment.start), indent + comment.text]
            self.seen = comment.start + len(comment.text)
            self.position += 1
        return lines

    def rest(self) -> list[str]:
        """Return the comments that are left, each where it stands: they may be fields that wait to be filled in."""
        lines: list[str] = []
        for comment in self.comments[self.position :]:
            lines += self._leading(comment.start + 1, indent=" " * comment.column if comment.alone else _BLANK)
            self.seen = comment.start + len(comment.text)
        return lines

    # Values

    def _block(self, node: Node, path: tuple[str, ...], indent: str) -> list[str]:
        """Return the lines of a value that starts on a line of its own."""
        if node.is_mapping and not node.flow:
            return self._mapping(node, path, indent)
        if node.is_sequence and not node.flow:
            return self._sequence(node, path, indent)
        text = self._inline(node, path, indent)
        return [f"{indent}{text}{self._behind(node.end)}"]

    def _mapping(self, node: Node, path: tuple[str, ...], indent: str) -> list[str]:
        chunks: list[tuple[str, list[str]]] = []
        for number, (key, value) in enumerate(node.entries):
            lines = self._leading(key.start, indent=indent) if number or path else []
            self.seen = max(self.seen, key.end)
            following = node.entries[number + 1][0].start if number + 1 < len(node.entries) else node.end
            lines += self._entry(key, value, (*path, key.value), indent)
            lines += self._foot(node.column + 1, following, indent + _STEP) if _is_block(value) else []
            chunks.append((key.value, lines))
        chunks = self._in_order(chunks, path)
        return _unspaced([line for _, lines in chunks for line in lines]) + self._foot_of(node, indent)

    def _foot_of(self, node: Node, indent: str) -> list[str]:
        return self._foot(node.column, node.end, indent) if node.column else []

    def _in_order(self, chunks: list[tuple[str, list[str]]], path: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        if not self.sorts:
            return chunks
        order = key_order(self.kind, path, frozenset(name for name, _ in chunks))
        rank = {name: number for number, name in enumerate(order)}
        return sorted(chunks, key=lambda chunk: rank.get(chunk[0], len(rank)))

    def _entry(self, key: Node, value: Node, path: tuple[str, ...], indent: str) -> list[str]:
        name = f"{indent}{self._text(key, flow=False)}:"
        if not _is_block(value):
            behind_key = self._behind(key.end) if self.layout.text[key.end : value.start].count("\n") else ""
            written = self._inline(value, path, indent)
            name += f" {written}" if written else ""
            return [name + (behind_key or self._behind(value.end))]
        anchor = f" &{value.anchor}" if value.anchor else ""
        header = name + anchor + self._behind(key.end if not value.anchor else self._after_anchor(value))
        return [header, *self._block(value, path, indent + _STEP)]

    def _after_anchor(self, node: Node) -> int:
        return node.start + 1 + len(node.anchor)

    def _sequence(self, node: Node, path: tuple[str, ...], indent: str) -> list[str]:
        lines: list[str] = []
        for item in node.items:
            start = item.entries[0][0].start if item.is_mapping and not item.flow else item.start
            lines += self._leading(start, indent=indent)
            if item.anchor and _is_block(item):
                raise FormattingError("an item of a list has an anchor")
            inner = self._block(item, (*path, ANY), indent + _STEP)
            while not inner[0] or inner[0].lstrip().startswith("#"):
                lines.append((indent + inner.pop(0).lstrip()).rstrip())
            lines += [f"{indent}- {inner[0].removeprefix(indent + _STEP)}", *inner[1:]]
            self.seen = max(self.seen, item.end)
        return _unspaced(lines) + self._foot_of(node, indent)

    def _inline(self, node: Node, path: tuple[str, ...], indent: str) -> str:
        """Return a value as it goes on behind its key; lines after the first keep their own indents."""
        raw = self.layout.text[node.start : node.end]
        if node.is_alias:
            return f"*{node.anchor}"
        as_it_is = self._skip(node.end) or any(each.anchor and not each.is_alias for each in _all_nodes(node))
        if "\n" in raw.rstrip("\n") or node.style in BLOCKS:
            return self._lines(node, raw, indent)
        if node.is_scalar:
            return self._text(node, flow=False)
        return raw if as_it_is else self._brackets(node, path)

    def _skip(self, end: int) -> bool:
        """Pass over the comments inside a value; return whether there are any: then it is taken as it is."""
        before = self.position
        while self.position < len(self.comments) and self.comments[self.position].start < end:
            self.position += 1
        self.seen = max(self.seen, end)
        return self.position > before

    def _lines(self, node: Node, raw: str, indent: str) -> str:
        """Return a value of several lines, its lines moved to the indent of where it stands."""
        keeps = node.style in BLOCKS and "+" in raw.partition("\n")[0].partition("#")[0]
        first, *others = raw.removesuffix("\n").split("\n")
        if node.style in BLOCKS and any(sign.isdigit() for sign in first.split("#")[0]):
            raise FormattingError("a block of text says how far it is indented")
        filled = [line for line in others if line.strip()]
        own = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
        while others and not keeps and not others[-1].strip() and len(others[-1]) <= own:
            others.pop()
        moved = [f"{indent}{_STEP}{line[own:]}" if line.strip() else line[own:] for line in others]
        return "\n".join([first.rstrip(), *moved])

    def _brackets(self, node: Node, path: tuple[str, ...]) -> str:
        if node.is_alias:
            return f"*{node.anchor} "
        if node.is_scalar:
            return self._text(node, flow=True)
        if node.is_sequence:
            return "[" + ", ".join(self._brackets(item, (*path, ANY)) for item in node.items) + "]"
        chunks = []
        for key, value in node.entries:
            written = self._brackets(value, (*path, key.value))
            chunks.append((key.value, [f"{self._text(key, flow=True)}: {written}".rstrip()]))
        return "{" + ", ".join(line for _, lines in self._in_order(chunks, path) for line in lines) + "}"

    def _text(self, node: Node, *, flow: bool) -> str:
        """Return a scalar of one line in its canonical quotes."""
        raw = self.layout.text[node.start : node.end]
        if node.anchor or node.tag:
            return raw
        if not node.style:
            is_word = reads_back(raw, node.value, flow=flow)
            return quoted(node.value) if is_word and not is_text(raw) else raw
        if scalar_text(node.value) == node.value and bare(node.value, flow=flow) is not None:
            return node.value
        return quoted(node.value)


def _is_block(node: Node) -> bool:
    return (node.is_mapping or node.is_sequence) and not node.flow


def _all_nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += [part for entry in node.entries for part in entry] + node.items


def _unspaced(lines: list[str]) -> list[str]:
    """Return the lines without blank ones at the start: a block begins right below its key."""
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    return lines[first:]


def _tidy(lines: Sequence[str]) -> list[str]:
    """Return the lines without blank ones at the ends, and never two of them in a row."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
