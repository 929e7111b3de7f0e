"""
Every rule of the manifest contract, by an example that breaks it.

`invalid/` holds a file or a directory a case. A comment `# expect RULE: TEXT` (or `# expect-warning`) stands on the
line that the problem has to name; TEXT has to be in what people read. Nothing else may be reported.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.rules import Rule
from reconciler.model.problem import Problem, Severity

Problems = Callable[..., tuple[Problem, ...]]

CASES = Path(__file__).parent / "invalid"
EXPECTATION = re.compile(r"# expect(?P<warning>-warning)? (?P<rule>[a-z0-9-]+): (?P<text>.+?)(?=\s*(?:# expect|$))")

ELSEWHERE = {
    Rule.UNREADABLE_FILE,
    Rule.NOT_A_FILE,
    Rule.LINK_OUTSIDE,
    Rule.FILE_TOO_LARGE,
    Rule.NOT_UTF8,
    Rule.CONTROL_CHARACTER,
    Rule.ALIAS_BOMB,
    Rule.TOO_DEEP,
    Rule.NO_DOCUMENTS,
    Rule.UNKNOWN_VARIABLE,
    Rule.SCHEMA,
}
"""Rules that no file with a comment in it can break; they have tests of their own."""


def expectations(root: Path) -> list[tuple[str, int, str, Severity, str]]:
    """Return what the comments in a directory ask for."""
    found = []
    for path in sorted(root.rglob("*.y*ml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            for match in EXPECTATION.finditer(line):
                severity = Severity.WARNING if match["warning"] else Severity.ERROR
                found.append((str(path.relative_to(root)), number, match["rule"], severity, match["text"]))
    return found


def reported(problem: Problem) -> tuple[str, int, str, Severity]:
    """Return the part of a problem that a case can name exactly."""
    return problem.place.file, problem.place.line, str(problem.rule), problem.severity


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda path: path.stem)
def test_an_invalid_example_names_rule_line_and_advice(case: Path, tmp_path: Path, problems: Problems) -> None:
    """A broken rule is reported once, by its name, at the line that breaks it, with what to do about it."""
    root = tmp_path / "config"
    if case.is_dir():
        shutil.copytree(case, root)
    else:
        root.mkdir()
        shutil.copy(case, root)
    expected = expectations(root)
    assert expected, "the case expects nothing"
    found = problems(root)
    assert sorted(map(reported, found)) == sorted(each[:4] for each in expected), "\n".join(map(str, found))
    for file, line, rule, severity, text in expected:
        sentences = [str(each) for each in found if reported(each) == (file, line, rule, severity)]
        assert any(text in sentence for sentence in sentences), f"{text!r} is not in {sentences}"
    for problem in found:
        assert problem.place.column > 0 or problem.rule == Rule.CONFLICTING_MEMBER
        assert problem.advice or problem.expected, f"nothing says what to do: {problem}"


def test_every_rule_has_an_example() -> None:
    """A rule is not in the product without an invalid example, or a test of its own for what no comment can mark."""
    shown = {rule for case in CASES.iterdir() for _, _, rule, _, _ in expectations(case if case.is_dir() else CASES)}
    assert {str(rule) for rule in Rule} - shown == {str(rule) for rule in ELSEWHERE}


def test_all_problems_are_reported_at_once(problems: Problems, tmp_path: Path) -> None:
    """Twenty mistakes in two files are one run's output, in reading order, not twenty runs'."""
    body = "apiVersion: maxcontact/v1\nkind: Team\nmetadata: {{name: north-{0}}}\nspec: {{serviceTime: -{0}}}\n"
    for name, numbers in (("b.yaml", range(1, 11)), ("a.yaml", range(11, 21))):
        (tmp_path / name).write_text("---\n".join(body.format(number) for number in numbers))
    found = problems(tmp_path)
    assert len(found) == 20
    assert [str(each.place) for each in found] == sorted(
        (str(each.place) for each in found), key=lambda text: (text.split(":")[0], int(text.split(":")[1]))
    )
    assert all(each.path == "spec.serviceTime" for each in found)


def test_one_mistake_is_reported_once(problems: Problems, tmp_path: Path) -> None:
    """A document with a mistake still counts as existing: what refers to it is not reported as well."""
    (tmp_path / "a.yaml").write_text(
        "apiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: north}\nspec: {serviceTime: soon}\n---\n"
        "apiVersion: maxcontact/v1\nkind: Taem\nmetadata: {name: south}\n"
    )
    (tmp_path / "b.yaml").write_text("apiVersion: maxcontact/v1\nkind: Team\nmetadata: {name: west}\nspec: [\n")
    (tmp_path / "c.yaml").write_text(
        "\n---\n".join(
            f"apiVersion: maxcontact/v1\nkind: User\nmetadata: {{name: user-{team}}}\nspec: {{team: {team}}}"
            for team in ("north", "south", "west")
        )
    )
    assert [str(each.rule) for each in problems(tmp_path)] == ["wrong-type", "unknown-kind", "yaml-syntax"]
