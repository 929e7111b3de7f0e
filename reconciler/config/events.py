"""The YAML parser: libyaml's where PyYAML was built with it, PyYAML's own otherwise. Both speak in the same events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner


class PurePythonParser(Reader, Scanner, Parser):
    """PyYAML's parser without its composer: we build values from events ourselves."""

    def __init__(self, data: bytes) -> None:
        Reader.__init__(self, data)
        Scanner.__init__(self)
        Parser.__init__(self)


def _find_parser() -> Callable[[bytes], Any]:
    try:
        from yaml._yaml import CParser  # noqa: PLC0415 - a PyYAML without libyaml does not have it
    except ImportError:
        return PurePythonParser
    return CParser


PARSER = _find_parser()
"""libyaml's parser, ten times as fast, or PyYAML's own."""


def open_events(data: bytes) -> Callable[[], Any]:
    """Return a function that gives the next event of a stream; it raises yaml.YAMLError on malformed input."""
    get_event: Callable[[], Any] = PARSER(data).get_event
    return get_event
