"""`reconciler fmt`, as a person and as a pipeline meet it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.ground import FLOOR, Cli


def test_formatting_a_directory(floor: Path, cli: Cli) -> None:
    """What changes is listed and written, once; the manifests mean the same."""
    before = cli("plan", "--format", "json").json
    checked = cli("fmt", "--check")
    assert (checked.code, checked.out) == (1, "floor.yaml\n")
    assert (floor / "floor.yaml").read_text(encoding="utf-8") == FLOOR
    done = cli("fmt")
    assert (done.code, done.out) == (0, "floor.yaml\n")
    assert "1 formatted, 1 unchanged" in done.err
    assert cli("fmt", "--check").code == 0
    assert cli("fmt").out == ""
    assert 'description: "Grüße → Frühling", type: Predictive' in (floor / "floor.yaml").read_text(encoding="utf-8")
    after = cli("plan", "--format", "json").json
    assert after["steps"] == before["steps"]


def test_showing_the_difference(floor: Path, cli: Cli) -> None:
    """--diff writes nothing, and is a failure only with --check."""
    done = cli("fmt", "--diff", "floor.yaml")
    assert done.code == 0
    assert done.out.startswith("--- a/floor.yaml\n+++ b/floor.yaml\n@@")
    assert cli("fmt", "--diff", "--check", "floor.yaml").code == 1
    assert (floor / "floor.yaml").read_text(encoding="utf-8") == FLOOR


def test_what_cannot_be_read_is_reported_and_the_rest_is_done(floor: Path, cli: Cli) -> None:
    """A file that is no YAML fails the run, with its place; what is only unusual is a warning."""
    (floor / "broken.yaml").write_text("a: [\n", encoding="utf-8")
    (floor / "odd.yaml").write_text("%YAML 1.2\n---\nkind: Team\n", encoding="utf-8")
    done = cli("fmt")
    assert done.code == 1
    assert done.out == "floor.yaml\n"
    assert "broken.yaml:2:1" in done.err
    assert "odd.yaml is left as it is" in done.err
    (floor / "broken.yaml").unlink()
    assert cli("fmt", "--check").code == 0


def test_paths_that_are_not_there(floor: Path, cli: Cli) -> None:
    """A slip is an error, not nothing to do."""
    done = cli("fmt", "flor.yaml", "nowhere")
    assert done.code == 1
    assert "flor.yaml, nowhere" in done.err


def test_what_export_and_init_write_is_formatted(floor: Path, cli: Cli) -> None:
    """Whoever starts with the tool's own files has nothing to format."""
    assert cli("apply", "-y", "-q").code == 0
    assert cli("export", "exported").code == 0
    assert cli("fmt", "--diff", "exported").out == ""
    assert cli("init", "started").code == 0
    assert cli("fmt", "--diff", "started").out == ""
