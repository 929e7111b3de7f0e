"""
Read manifests: YAML, strictly, at the speed of the C parser.

Values are built straight from libyaml's events in one flat loop. There is no recursion, so a hostile file cannot
exhaust the stack (composing nodes in C can), and what PyYAML does in Python for each node (resolving tags against a
table of regular expressions, keeping marks) is left out. Problems carry their place because an event knows where it is;
for what is found later, by a schema or a rule, `reconciler.config.positions` parses the file again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import yaml
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.config.encoding import find_encoding_problem, unprintable_problem
from reconciler.config.events import open_events
from reconciler.config.rules import Rule
from reconciler.config.scalars import PLAIN_VALUES, resolve_plain
from reconciler.config.source import Document, Source
from reconciler.config.syntax import syntax_problem
from reconciler.model.problem import Place, Problem
from reconciler.model.values import Scalar

MAX_DEPTH = 64
"""Nesting of mappings and sequences; a manifest needs six."""

MAX_REPEATED = 100_000
"""Values that aliases may add to a file: far more than anyone shares, far less than an alias bomb makes."""

CORE_TAGS: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:str": (str,),
    "tag:yaml.org,2002:null": (type(None),),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:map": (),
    "tag:yaml.org,2002:seq": (),
}

_NO_KEY: Any = object()


def read_documents(source: Source) -> tuple[list[Document], list[Problem]]:
    """
    Return the documents of a file, and what is wrong with its YAML.

    A file that stops making sense gives the documents before that point. Empty documents are left out.
    """
    problem = find_encoding_problem(source)
    if problem is not None:
        return [], [problem]
    return _Reader(source).read()


class _Abort(Exception):
    """This file cannot be read on; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


class _Reader:
    """Builds the documents of one stream; `repeated` counts what aliases add, `size` everything."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.documents: list[Document] = []
        self.get_event: Callable[[], Any] = open_events(source.data)
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: list[str | None] = []
        self.size = 0
        self.repeated = 0
        self.ignored: list[tuple[dict[str, Any], str]] = []

    def read(self) -> tuple[list[Document], list[Problem]]:
        try:
            while not isinstance(event := self.get_event(), StreamEndEvent):
                if isinstance(event, DocumentStartEvent):
                    self._read_document(event)
        except _Abort as abort:
            self.problems.append(abort.problem)
        except yaml.reader.ReaderError as error:
            self.problems.append(unprintable_problem(self.source) or syntax_problem(self.source, error))
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(self.source, error))
        return self.documents, self.problems

    def _read_document(self, start: DocumentStartEvent) -> None:
        if start.version is not None and tuple(start.version) < (1, 2):
            self._note(
                Rule.YAML_VERSION, "this asks for YAML 1.1", start, "remove the %YAML line: YAML 1.2 is read here"
            )
        self.anchors.clear()
        root, content = self._build()
        while self.ignored:
            mapping, key = self.ignored.pop()
            mapping.pop(key, None)
        index = self.source.document_count
        self.source.document_count += 1
        if isinstance(content, dict):
            line = root.start_mark.line + 1
            self.documents.append(Document(source=self.source, index=index, line=line, content=content))
        elif content is not None:
            advice = "start with `apiVersion: maxcontact/v1`, `kind:` and `metadata:`"
            self._note(Rule.NOT_A_MAPPING, "this document is not a mapping of fields", root, advice)

    def _build(self) -> tuple[Any, Any]:
        """Return a document's first event and its value: the hot loop, flat and with everything rare moved out."""
        get_event, plain = self.get_event, PLAIN_VALUES
        first = event = get_event()
        stack: list[tuple[Any, Any, int]] = []
        container: Any = None
        key: Any = _NO_KEY
        value: Any
        while True:
            kind = type(event)
            if kind is ScalarEvent:
                if key is _NO_KEY and type(container) is dict:
                    key = event.value
                    if key in container or key == "<<" or event.anchor or event.tag:
                        self._check_key(event, container)
                    event = get_event()
                    continue
                value = event.value
                if event.tag:
                    value = self._tagged(event)
                elif event.implicit[0]:
                    value = plain[value]
                self.size += 1
                if event.anchor:
                    self.anchors[event.anchor] = (value, 1)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._check_start(event, len(stack), expects_key=key is _NO_KEY and type(container) is dict)
                stack.append((container, key, self.size))
                container, key = ({} if kind is MappingStartEvent else []), _NO_KEY
                event = get_event()
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                container, key, size = stack.pop()
                self._close(value, size)
            elif kind is AliasEvent:
                value = self._alias(event, expects_key=key is _NO_KEY and type(container) is dict)
            else:
                return first, value
            if container is None:
                pass
            elif key is _NO_KEY:
                container.append(value)
            else:
                container[key] = value
                key = _NO_KEY
            event = get_event()

    def _check_key(self, event: Any, container: dict[str, Any]) -> None:
        """Report what no key may be; the rest of the document is still read."""
        key = event.value
        if key in container:
            advice = "keep one of them: of two equal keys only one could take effect"
            self._note(Rule.DUPLICATE_KEY, f"the key `{key}` appears twice in this mapping", event, advice)
        if key == "<<" and event.implicit[0]:
            advice = "YAML 1.2 has no merge keys: write the fields out, or alias a whole value (`spec: *shared`)"
            self._note(Rule.MERGE_KEY, "`<<` merges mappings in YAML 1.1 only", event, advice)
            self.ignored.append((container, key))
        if event.anchor:
            self.anchors[event.anchor] = (key, 1)
        if event.tag:
            self._tagged(event)

    def _check_start(self, event: Any, depth: int, *, expects_key: bool) -> None:
        if expects_key:
            raise self._abort(Rule.COMPLEX_KEY, "a key must be text, not a list or mapping", event, "quote the key")
        if depth >= MAX_DEPTH:
            advice = "no manifest needs that; check where the brackets or indents come from"
            raise self._abort(Rule.TOO_DEEP, f"nested more than {MAX_DEPTH} levels deep", event, advice)
        if event.tag and CORE_TAGS.get(event.tag) != ():
            self._refuse_tag(event)
        self.open_anchors.append(event.anchor)

    def _close(self, value: Any, size_before: int) -> None:
        self.size += 1
        anchor = self.open_anchors.pop()
        if anchor:
            self.anchors[anchor] = (value, self.size - size_before)

    def _alias(self, event: Any, *, expects_key: bool) -> Any:
        name = event.anchor
        if name in self.open_anchors:
            message = "this alias stands inside the value that it repeats"
            raise self._abort(Rule.RECURSIVE_ALIAS, message, event, "write the value out")
        if name not in self.anchors:
            advice = "put its `&name` before the value to repeat, or quote the text if it is meant to start with `*`"
            raise self._abort(
                Rule.UNDEFINED_ALIAS, "this alias repeats a value that nothing before it names", event, advice
            )
        if expects_key:
            raise self._abort(Rule.COMPLEX_KEY, "a key must be text, not an alias", event, "write the key out")
        value, weight = self.anchors[name]
        self.size += weight
        self.repeated += weight
        if self.repeated > MAX_REPEATED:
            message = f"aliases repeat more than {MAX_REPEATED:,} values in this file"
            raise self._abort(Rule.ALIAS_BOMB, message, event, "write the values out, in several files")
        return value

    def _tagged(self, event: Any) -> Scalar:
        wanted = CORE_TAGS.get(event.tag)
        if wanted == (str,):
            return str(event.value)
        value = resolve_plain(event.value)
        if not wanted or type(value) not in wanted:
            self._refuse_tag(event)
            return str(event.value)
        return value

    def _refuse_tag(self, event: Any) -> None:
        # The tag itself is not shown: an unquoted password may start with an exclamation mark.
        advice = "remove the tag; quote the text if it is meant to start with `!`"
        self._note(Rule.TAG, "a tag (`!...`) has no meaning here", event, advice)

    def _note(self, rule: Rule, message: str, event: Any, advice: str) -> None:
        self.problems.append(self._problem(rule, message, event, advice))

    def _abort(self, rule: Rule, message: str, event: Any, advice: str) -> _Abort:
        return _Abort(self._problem(rule, message, event, advice))

    def _problem(self, rule: Rule, message: str, event: Any, advice: str) -> Problem:
        mark = event.start_mark
        place = Place(self.source.name, mark.line + 1, mark.column + 1)
        return Problem(rule=rule, message=message, place=place, advice=advice)


def read_all(sources: Sequence[Source]) -> tuple[list[Document], list[Problem]]:
    """Return the documents of all files in order, and every problem with their YAML."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for source in sources:
        found, wrong = read_documents(source)
        documents += found
        problems += wrong
    return documents, problems
