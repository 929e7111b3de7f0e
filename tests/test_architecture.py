"""The house's rules, enforced: who may import whom, who may use which library, and how long a thing may be."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reconciler"

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

VALUES = {"errors", "model"}
KINDS = VALUES | {"kinds"}
ENGINE = {"live", "normalise", "diff", "order", "guard", "planfile", "fingerprint", "planning"}
USE_CASES = {
    "planner",
    "drift",
    "comparison",
    "apply",
    "applying",
    "emergency",
    "export",
    "exporting",
    "impact",
    "accept",
    "assume",
    "tenants",
}

MAY_IMPORT = {
    "errors": VALUES,
    "model": VALUES,
    "kinds": KINDS,
    "config": KINDS | {"config"},
    "api": VALUES | {"api"},
    "state": KINDS | {"state"},
    **dict.fromkeys(ENGINE, KINDS | ENGINE),
    **dict.fromkeys(USE_CASES, KINDS | ENGINE | USE_CASES),
    "render": VALUES | {"render", "planfile", "drift"},
    "simulator": VALUES | {"simulator"},
    "pipeline": {"pipeline"},
}
"""Rooms by name; `cli` and `__main__` stand above all and may import everything."""

ABOVE_ALL = {"cli", "__main__"}

GROWS = {"Ledger"}
"""Folded event by event in place: a copy per step would make the cost of a step grow with the ledger."""

SPEAK_OF_KINDS = {"kinds", "simulator", "render", "cli"}
"""The pages themselves, the server's own tables, and what tells people in words what a plan means for them."""

FROZEN = {"frozen=True", "slots=True"}
CALLED = re.compile(r"\w+=True")

THIRD_PARTY = {
    "config": {"yaml", "ruamel", "jsonschema", "jsonschema_rs"},
    "api": {"httpx"},
    "state": {"obstore"},
    "diff": {"deepdiff"},
    "simulator": {"starlette", "uvicorn"},
    "cli": {"click", "rich"},
    "object_client": {"obstore"},
    "postgresql": {"psycopg"},
}


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the package by dotted name; a package's own module goes by the package's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def path_of(module: str) -> Path:
    """Return the file of a module of the package."""
    package = ROOT.joinpath(*module.split("."))
    return package / "__init__.py" if package.is_dir() else package.with_suffix(".py")


def room_of(module: str) -> str:
    """Return the room that a module of the package stands in: `reconciler.config.loader` in `config`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports_of(module: str) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Yield what a module imports, by the name of the module meant, wherever the import stands."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield (whole if whole in modules() else base), node


def own_imports_of(module: str) -> Iterator[str]:
    """Yield the modules of the package itself that a module imports."""
    return (name for name, _ in imports_of(module) if name.split(".")[0] == "reconciler")


def listed(wrong: list[str]) -> str:
    """Return everything that is wrong, a line each: all of it at once."""
    return "\n" + "\n".join(sorted(wrong))


def test_a_room_imports_only_the_rooms_below_it() -> None:
    """Nothing flows back up: each room imports what the table allows it, and a new room has to be entered there."""
    wrong = []
    for module in modules():
        room = room_of(module)
        if not room or room in ABOVE_ALL:
            continue
        if room not in MAY_IMPORT:
            wrong.append(f"{module}: the room {room!r} is not in this test's table")
            continue
        seen = {name for name in own_imports_of(module) if room_of(name)}
        wrong += [f"{module} may not import {name}" for name in seen if room_of(name) not in MAY_IMPORT[room] | {room}]
    assert not wrong, listed(wrong)


def test_a_library_stays_in_its_room() -> None:
    """Each third-party library is known to one room only, so that it can be replaced there."""
    wrong = []
    for module in modules():
        foreign = {name.split(".")[0] for name, _ in imports_of(module)} - set(sys.stdlib_module_names) - {"reconciler"}
        allowed = THIRD_PARTY.get(room_of(module), set()) | THIRD_PARTY.get(module.split(".")[-1], set())
        wrong += [f"{module} may not import {name}" for name in foreign - allowed]
    assert not wrong, listed(wrong)


def test_no_import_cycle() -> None:
    """No module needs itself, not even by way of others or of an import inside a function."""
    graph = {module: set(own_imports_of(module)) - {module} for module in modules()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_are_absolute_and_from_the_defining_module() -> None:
    """A name is imported from where it is made: a reader finds it in one step."""
    wrong = []
    for module in modules():
        for name, node in imports_of(module):
            if isinstance(node, ast.Import):
                continue
            if node.level:
                wrong.append(f"{module}:{node.lineno}: relative import")
            elif name in modules() and name == node.module:
                missing = {alias.name for alias in node.names} - defined_in(name) - submodules_of(name)
                wrong += [f"{module}:{node.lineno}: {name} does not define {each}" for each in missing]
    assert not wrong, listed(wrong)


def test_a_lazy_import_says_why() -> None:
    """An import inside a function is for start-up time only, carries its mark, and a comment gives the reason."""
    wrong = []
    for module in modules():
        lines = path_of(module).read_text(encoding="utf-8").splitlines()
        for function in functions_of(module):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    line, above = lines[node.lineno - 1], lines[node.lineno - 2].strip()
                    _, marked, reason = line.partition("# noqa: PLC0415")
                    given = reason.strip(" -:;,#") or above.startswith("#") or "# noqa: PLC0415" in above
                    if not marked or not given:
                        wrong.append(f"{module}:{node.lineno}: a lazy import without its mark or its reason")
    assert not wrong, listed(wrong)


def test_only_the_command_line_prints_or_exits() -> None:
    """Everything below the command line returns values."""
    wrong = [
        f"{module}:{node.lineno}: {ast.unparse(node.func)}"
        for module in modules()
        if room_of(module) not in ABOVE_ALL
        for node in ast.walk(modules()[module])
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "exit", "quit", "sys.exit", "os._exit"}
    ]
    assert not wrong, listed(wrong)


def test_generic_code_knows_no_kind_by_name() -> None:
    """What is particular to a kind stands on its page: nothing compares a kind's name."""
    kinds = {"Campaign", "List", "Team", "User"}
    wrong = [
        f"{module}:{node.lineno}: {ast.unparse(node)}"
        for module in modules()
        if room_of(module) not in SPEAK_OF_KINDS
        for node in ast.walk(modules()[module])
        if isinstance(node, ast.Compare)
        and kinds & {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    ]
    assert not wrong, listed(wrong)


def test_values_are_frozen() -> None:
    """A value cannot change under the feet of whoever holds it."""
    wrong = []
    for module in modules():
        if room_of(module) != "model":
            continue
        for node in ast.walk(modules()[module]):
            if isinstance(node, ast.ClassDef) and node.name not in GROWS:
                written = [ast.unparse(each) for each in node.decorator_list]
                if any(each.startswith("dataclass") and not set(CALLED.findall(each)) >= FROZEN for each in written):
                    wrong.append(f"{module}.{node.name} is not frozen with slots")
    assert not wrong, listed(wrong)


def test_everything_public_says_what_it_is() -> None:
    """A docstring on every module, public class and public function or method."""
    wrong = []
    for module, tree in modules().items():
        if tree.body and not ast.get_docstring(tree):
            wrong.append(f"{module} has no docstring")
        wrong += [f"{module}.{name} has no docstring" for name, node in public_in(tree) if not ast.get_docstring(node)]
    assert not wrong, listed(wrong)


def test_nothing_is_too_long() -> None:
    """A long file or function is asking to be two."""
    wrong = []
    for folder in (PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "docs"):
        for path in folder.rglob("*.py"):
            text, where = path.read_text(encoding="utf-8"), path.relative_to(ROOT)
            if text.count("\n") > LONGEST_FILE:
                wrong.append(f"{where} has {text.count(chr(10))} lines")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > LONGEST_FUNCTION:
                        wrong.append(f"{where}:{node.lineno}: {node.name} has {length} lines")
    assert not wrong, listed(wrong)


def functions_of(module: str) -> Iterator[ast.AST]:
    """Yield every function of a module, nested ones and methods too."""
    return (node for node in ast.walk(modules()[module]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def public_in(
    tree: ast.Module | ast.ClassDef,
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the public classes, functions and methods, but for overloads, overrides and setters."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if any(ast.unparse(each).endswith(("override", "overload", ".setter")) for each in node.decorator_list):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{name}", inner) for name, inner in public_in(node))


@cache
def defined_in(module: str) -> frozenset[str]:
    """Return the names that a module's own code binds at its top level, imports not counted."""
    names: set[str] = set()
    for node in modules()[module].body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return frozenset(names)


def submodules_of(module: str) -> set[str]:
    """Return the names of the modules directly inside a package."""
    return {name.rpartition(".")[2] for name in modules() if name.rpartition(".")[0] == module}
