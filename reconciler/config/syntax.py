"""What the YAML parser says, in words that help: its own are about tokens."""

from __future__ import annotations

import yaml

from reconciler.config.rules import Rule
from reconciler.config.source import Source
from reconciler.model.problem import Place, Problem

_UNCLOSED = "unexpected end of stream"
_ADVICE = (
    ("mapping values are not allowed", "put a text that holds `: ` in quotes, and check the indent of this line"),
    ("cannot start any token", "indent with spaces, not tabs; put a text that starts with @, `, % or a tab in quotes"),
    ("could not find expected ':'", "write `key: value`, and close the quotes of the line above"),
    ("did not find expected key", "check the indent of this line and of the one above"),
    ("did not find expected '-' indicator", "start each entry of the list with `- ` at the same indent"),
    ("expected ',' or", "close the bracket, or put a comma between the entries"),
    (_UNCLOSED, "close the quotes or the bracket that starts here"),
    ("unknown escape character", "double the backslash, or use single quotes"),
    ("undefined tag handle", "remove the tag; quote a value to make it text"),
    ("duplicate", "keep one of them"),
)


def syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    """Return the problem that a parser's exception stands for."""
    reason = str(getattr(error, "problem", "") or getattr(error, "reason", "") or "it cannot be parsed")
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    if _UNCLOSED in reason:  # the end of the file says nothing; the quote that was left open does
        marks.reverse()
    mark = marks[0] or marks[1]
    context = str(getattr(error, "context", "") or "")
    place = Place(source.name, mark.line + 1, mark.column + 1) if mark else Place(source.name, 1, 1)
    advice = next((text for words, text in _ADVICE if words in reason), "check the quotes, brackets and indents here")
    message = f"this is not YAML: {context + ': ' if context else ''}{reason}"
    return Problem(rule=Rule.YAML_SYNTAX, message=message, place=place, advice=advice)
