"""The schemas in editors: what yaml-language-server makes of them on the examples, asked over its protocol."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.language_server import LanguageServer

ROOT = Path(__file__).parents[2]
SERVER = ROOT / ".venv" / "editors" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
EXAMPLES = ROOT / "examples" / "config"
CAMPAIGN = EXAMPLES / "campaigns" / "renewals.yaml"


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    """Run the language server, where it is installed."""
    node = shutil.which("node")
    if node is None or not SERVER.exists():
        reason = "no node on this machine" if node is None else "yaml-language-server is not installed: make editors"
        if node is not None and shutil.which("npm") is not None and os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    running = LanguageServer([node, str(SERVER), "--stdio"], ROOT)
    yield running
    running.stop()


def spot(text: str, marked: str) -> dict[str, int]:
    """Return the place of the first `|` in a marked piece of a text, without it."""
    at = text.index(marked.replace("|", "")) + marked.index("|")
    return {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}


def labels(answer: Any) -> list[str]:
    """Return the words that a completion offers."""
    items = answer["items"] if isinstance(answer, dict) else answer
    return [str(item["label"]) for item in items]


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: path.relative_to(EXAMPLES).as_posix()
)
def test_an_example_is_without_fault(path: Path, server: LanguageServer) -> None:
    """No editor underlines anything in the examples."""
    uri = server.open(path.parent, path.read_text(encoding="utf-8"))
    assert server.problems(uri) == []


def test_hovering_shows_what_a_field_means(server: LanguageServer) -> None:
    """The description with unit and range, as the reference has it."""
    text = CAMPAIGN.read_text(encoding="utf-8")
    uri = server.open(CAMPAIGN.parent, text)
    hover = server.request(
        "textDocument/hover", textDocument={"uri": uri}, position=spot(text, "\n  targetDr|opPercent")
    )
    assert "in per cent, 0 to 100" in str(hover["contents"])


def test_names_of_codes_are_completed(server: LanguageServer) -> None:
    """Behind `type:` the nine types of campaigns are offered, by name."""
    head = CAMPAIGN.read_text(encoding="utf-8").partition("spec:")[0]
    text = f"{head}spec:\n  type: \n"
    uri = server.open(CAMPAIGN.parent, text)
    offered = server.request("textDocument/completion", textDocument={"uri": uri}, position=spot(text, "type: |"))
    assert {"Predictive", "Progressive", "Inbound"} <= set(labels(offered))


def test_fields_are_completed(server: LanguageServer) -> None:
    """In the spec the kind's fields are offered, and no other kind's."""
    head = CAMPAIGN.read_text(encoding="utf-8").partition("spec:")[0]
    text = f"{head}spec:\n  type: Ping\n  \n"
    uri = server.open(CAMPAIGN.parent, text)
    position = {"line": text.count("\n") - 1, "character": 2}
    offered = labels(server.request("textDocument/completion", textDocument={"uri": uri}, position=position))
    assert {"targetDropPercent", "zipTone", "defaultList"} <= set(offered)
    assert "fetchWeight" not in offered


WRONG = {
    "misspelt-field": ("  targetDropPercent:", "  targetDropPercnt:", "targetDropPercnt"),
    "unknown-type": ("  type: Predictive", "  type: Predictiv", ""),
    "out-of-range": ("  progressiveThreshold:", "  targetDropPercent: 300\n  progressiveThreshold:", "100"),
}


@pytest.mark.parametrize(("right", "wrong", "word"), WRONG.values(), ids=WRONG)
def test_mistakes_are_underlined(right: str, wrong: str, word: str, server: LanguageServer) -> None:
    """A misspelt field, an unknown name and a number out of range are errors on their line."""
    text = CAMPAIGN.read_text(encoding="utf-8")
    assert right in text
    text = text.replace(right, wrong)
    line = text[: text.index(wrong)].count("\n")
    uri = server.open(CAMPAIGN.parent, text)
    found = server.problems(uri)
    assert line in {each["range"]["start"]["line"] for each in found}
    assert word in " ".join(str(each["message"]) for each in found)
