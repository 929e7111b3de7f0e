"""How a text is written into a manifest: bare only where no reader of YAML takes it for anything else."""

from __future__ import annotations

import re
from functools import lru_cache

from yaml import ScalarNode
from yaml.resolver import Resolver

from reconciler.config.source import Source
from reconciler.config.writer import scalar_text
from reconciler.config.yaml_reader import read_documents

_TEXT = "tag:yaml.org,2002:str"
_NOT_TEXT_IN_1_2 = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_LETTERS = frozenset("yYnN")
_YAML_1_1 = Resolver()


def quoted(text: str) -> str:
    """Return a text in double quotes; raises ValueError for half of a surrogate pair."""
    written = scalar_text(text)
    return f'"{text}"' if written == text else written


def is_text(text: str) -> bool:
    """Return whether YAML 1.2 takes these characters, bare, for text: `0161...` and `+44...` are numbers to editors."""
    return not _NOT_TEXT_IN_1_2.fullmatch(text)


def is_text_to_all(text: str) -> bool:
    """Return whether YAML 1.1 takes them for text as well: `NO`, `17:30` and `2026-12-31` are something else there."""
    if text in _LETTERS or not is_text(text):
        return False
    tag: str = _YAML_1_1.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag == _TEXT


@lru_cache(maxsize=4096)
def reads_back(written: str, value: str | int | bool | None, *, flow: bool) -> bool:
    """Return whether the strict reader reads exactly this value where a field says `written`."""
    text = f"{{k: [{written}]}}\n" if flow else f"k: {written}\n"
    documents, problems = read_documents(Source(name="", data=text.encode("utf-8", "surrogatepass")))
    if problems or len(documents) != 1:
        return False
    read = documents[0].content.get("k")
    if flow:
        read = read[0] if isinstance(read, list) and len(read) == 1 else None
    return len(documents[0].content) == 1 and type(read) is type(value) and read == value


def bare(text: str, *, flow: bool) -> str | None:
    """Return a text without quotes, or None where it can't stand so."""
    if not text.isprintable() or not is_text_to_all(text) or not reads_back(text, text, flow=flow):
        return None
    return text
