"""The runner's own language: escapes, limits, outputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.pipeline.command import reserved_in, words_of
from reconciler.pipeline.remarks import Remarks
from reconciler.pipeline.workflow import MOST_ANNOTATIONS, SUMMARY_LIMIT, Annotation, Runner, annotation_line, fitting
from tests.pipeline.runners import read_outputs

TEXT = st.text(max_size=60)


@given(message=TEXT, title=TEXT, file=TEXT)
def test_an_annotation_is_one_line_whatever_is_in_it(message: str, title: str, file: str) -> None:
    """Line ends, colons, commas and percent signs stay text: one command, and what it says comes back."""
    line = annotation_line(Annotation(level="error", file=file, line=3, title=title, message=message))
    assert "\n" not in line
    assert "\r" not in line
    head, _, data = line.removeprefix("::error").partition("::")
    assert data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == message
    assert head.count("=") - title.count("=") - file.count("=") == sum((bool(file) * 2, bool(title)))


@given(text=st.text(max_size=300), room=st.integers(0, 400))
def test_a_summary_fits(text: str, room: int) -> None:
    """Never a byte too much, and what is cut says so."""
    kept = fitting(text, room)
    assert len(kept.encode("utf-8", "surrogatepass")) <= room
    assert kept == text or kept == "" or "shortened" in kept


@given(
    values=st.dictionaries(
        st.from_regex(r"[a-z-]{1,9}", fullmatch=True),
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs"))),
        max_size=4,
    )
)
def test_outputs_come_back(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """An output may hold anything, and ends where it ends."""
    file = tmp_path_factory.mktemp("outputs") / "output"
    Runner(environment={"GITHUB_OUTPUT": str(file)}).output(values)
    assert read_outputs(file.read_text(encoding="utf-8") if values else "") == values


def test_the_summary_counts_what_is_there_already(tmp_path: Path) -> None:
    """Two reports in one step share its limit."""
    file = tmp_path / "summary"
    runner = Runner(environment={"GITHUB_STEP_SUMMARY": str(file)})
    runner.summarise("x\n" * (SUMMARY_LIMIT // 2 - 60))
    runner.summarise("y\n" * 100)
    assert file.stat().st_size <= SUMMARY_LIMIT
    assert "shortened" in file.read_text(encoding="utf-8")


def test_the_rest_of_many_annotations_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The forge shows ten of a level: ten are written, errors first, and the others are counted."""
    warnings = [Annotation(level="warning", message=f"w{number}") for number in range(25)]
    Runner(environment={}).annotate([*warnings, Annotation(level="error", message="e")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "::error::e"
    assert len(lines) == 1 + MOST_ANNOTATIONS + 1
    assert "15 more" in lines[-1]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a.yaml:3", ("root/a.yaml", 3, 0)),
        ("a.yaml:3:9", ("root/a.yaml", 3, 9)),
        ("odd:name.yaml:3", ("root/odd:name.yaml", 3, 0)),
        ("removed from Git", ("", 0, 0)),
        ("", ("", 0, 0)),
    ],
)
def test_a_source_becomes_a_place(source: str, place: tuple[str, int, int]) -> None:
    """A step's source is a file of the repository, or no place at all."""
    step = {"id": "s", "action": "update", "kind": "K", "name": "n", "risk": "disruptive", "source": source}
    (found,) = Remarks("root").of_plan({"steps": [step]})
    assert (found.file, found.line, found.column) == place


def test_reserved_options_are_found_however_they_are_written() -> None:
    """With a value in the same word or the next."""
    assert reserved_in(["--format=json", "--only=List/*", "--report"]) == ["--format=json", "--report"]


def test_events_are_words_for_people() -> None:
    """A log line per ended step, warning and error; nothing for what only programs want."""
    ended = {"event": "step-finished", "message": "create List/a", "result": "failed", "detail": "said no"}
    assert (
        words_of(ended | {"finished": 1, "total": 2, "seconds": 0.25}) == "[1/2] failed  create List/a: said no (0.2 s)"
    )
    assert words_of({"event": "step-started", "message": "x"}) == ""
    assert words_of({"event": "error", "message": "m", "hint": "h"}) == "error: m; what to do: h"
    assert words_of({"event": "warning", "message": "m"}) == "warning: m"
