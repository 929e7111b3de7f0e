"""
Read attested facts: a CSV out of a spreadsheet, or YAML.

CSV has a line of column names: `relation,subject,member[,proficiency][,belongs]` for associations, `kind,name,active`
for activity, or both in one file. YAML has the same words: `memberships:` and `activity:`, each a list of mappings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reconciler.config.source import Source
from reconciler.config.wording import closest, join_words, show
from reconciler.config.yaml_reader import read_documents
from reconciler.errors import ConfigurationError
from reconciler.kinds.registry import KINDS, RELATIONS, relation_named
from reconciler.model.attestation import RULE, Attested, AttestedActivity, AttestedLink, Named
from reconciler.model.problem import Place, Problem

_LINK = ("relation", "subject", "member", "proficiency", "belongs")
_ACTIVITY = ("kind", "name", "active")
_SECTIONS = {"memberships": _LINK, "activity": _ACTIVITY}
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_RELATION_NAMES = tuple(spec.name for spec in RELATIONS)
_KIND_NAMES = {spec.name.casefold(): spec.name for spec in KINDS}
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of a table: what it says by column; nothing where a cell is empty."""

    place: Place
    cells: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read, and what is wrong with it."""

    facts: list[Attested] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, message: str, *, expected: str = "", advice: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(rule=RULE, message=message, place=place, expected=expected, advice=advice))


def read_attestation(name: str, data: bytes) -> tuple[Attested, ...]:
    """Return the facts in a file; raises ConfigurationError with every line that makes no sense."""
    reading = _Reading()
    rows = list(_yaml_rows(name, data, reading) if name.lower().endswith(_YAML) else _csv_rows(name, data, reading))
    for row in rows:
        _read_row(row, reading)
    if not rows and not reading.problems:
        reading.refuse(Place(name), "there is nothing in this file", expected="a line for each fact")
    if reading.problems:
        raise ConfigurationError("the file can't be used; nothing was written", problems=reading.problems)
    return tuple(reading.facts)


def _csv_rows(name: str, data: bytes, reading: _Reading) -> Iterator[_Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        reading.refuse(Place(name), "this is no UTF-8 text", advice="save it as CSV UTF-8")
        return
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    try:
        for cells in table:
            place = Place(name, table.line_num)
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            if not columns:
                columns = [cell.strip().casefold() for cell in cells]
                _check_columns(columns, place, reading)
                continue
            if len(cells) > len(columns):
                reading.refuse(
                    place, f"{len(cells)} cells under {len(columns)} columns", advice="quote commas in names"
                )
                continue
            pairs = zip(columns, (cell.strip() for cell in cells), strict=False)
            yield _Row(place=place, cells={column: cell for column, cell in pairs if cell})
    except csv.Error as error:
        reading.refuse(Place(name, table.line_num), f"this is no CSV: {error}", advice="check the quotes of this line")


def _check_columns(columns: list[str], place: Place, reading: _Reading) -> None:
    known = (*_LINK, *_ACTIVITY)
    for column in columns:
        if column not in known:
            guess = closest(column, known)
            advice = f"did you mean `{guess}`?" if guess else ""
            reading.refuse(place, f"there is no column {show(column)}", expected=join_words(known, "or"), advice=advice)
    if not (set(_LINK[:3]) <= set(columns) or set(_ACTIVITY) <= set(columns)):
        expected = "a first line with relation,subject,member or kind,name,active"
        reading.refuse(place, "columns are missing", expected=expected)


def _yaml_rows(name: str, data: bytes, reading: _Reading) -> Iterator[_Row]:
    documents, problems = read_documents(Source(name=name, data=data))
    reading.problems += problems
    for document in documents:
        for section, rows in document.content.items():
            if section not in _SECTIONS or not isinstance(rows, list):
                place = document.place(section, of_key=True)
                reading.refuse(place, f"{show(section)} means nothing here", expected="lists: memberships, activity")
                continue
            for position, row in enumerate(rows):
                place = document.place(section, position)
                if not isinstance(row, dict) or set(row) - set(_SECTIONS[section]):
                    reading.refuse(place, "not a line of this list", expected=join_words(_SECTIONS[section], "and"))
                    continue
                yield _Row(place=place, cells={key: value for key, value in row.items() if value is not None})


def _read_row(row: _Row, reading: _Reading) -> None:
    is_link, is_activity = ("relation" in row.cells, "kind" in row.cells)
    if is_link == is_activity:
        reading.refuse(row.place, "this line says neither or both", expected="a `relation` or a `kind`")
    elif is_link:
        _read_link(row, reading)
    else:
        _read_activity(row, reading)


def _read_link(row: _Row, reading: _Reading) -> None:
    before = len(reading.problems)
    relation = str(row.cells["relation"]).casefold()
    if relation not in _RELATION_NAMES:
        guess = closest(relation, _RELATION_NAMES)
        advice = f"did you mean `{guess}`?" if guess else ""
        message = f"there is no relation {show(relation)}"
        reading.refuse(row.place, message, expected=join_words(_RELATION_NAMES, "or"), advice=advice)
        return
    subject, member = (_named(row, column, reading) for column in ("subject", "member"))
    belongs = _truth(row, "belongs", reading) if "belongs" in row.cells else True
    value: int | bool | None = belongs
    if relation_named(relation).grouped:
        value = _proficiency(row, reading, belongs=belongs is not False)
    elif "proficiency" in row.cells:
        reading.refuse(row.place, f"a proficiency means nothing for {relation}", expected="it for skill-user only")
    if len(reading.problems) == before and subject is not None and member is not None and value is not None:
        reading.facts.append(
            AttestedLink(place=row.place, relation=relation, subject=subject, member=member, value=value)
        )


def _proficiency(row: _Row, reading: _Reading, *, belongs: bool) -> int | bool | None:
    written = row.cells.get("proficiency")
    if not belongs and written is None:
        return False
    text = str(written)
    if belongs and not isinstance(written, bool) and text.isascii() and text.isdigit() and 1 <= int(text) <= 10:
        return int(text)
    expected = "a proficiency from 1 to 10" if belongs else "no proficiency where `belongs` is false"
    reading.refuse(row.place, f"the proficiency is {show(written)}", expected=expected)
    return None


def _read_activity(row: _Row, reading: _Reading) -> None:
    kind = _KIND_NAMES.get(str(row.cells["kind"]).casefold())
    if kind is None:
        message = f"there is no kind {show(str(row.cells['kind']))}"
        reading.refuse(row.place, message, expected=join_words(_KIND_NAMES.values(), "or"))
        return
    name, active = _named(row, "name", reading), _truth(row, "active", reading)
    if name is not None and active is not None:
        reading.facts.append(AttestedActivity(place=row.place, kind=kind, name=name, value=active))


def _named(row: _Row, column: str, reading: _Reading) -> Named | None:
    """Return a name, or the Id that `#17` (in YAML 17 as well) stands for."""
    written = row.cells.get(column)
    if isinstance(written, bool | Decimal | list | dict) or written is None:
        reading.refuse(row.place, f"`{column}` is {show(written)}", expected="a key, a live name, or an Id like #17")
        return None
    if isinstance(written, str) and written.startswith("#") and written[1:].isascii() and written[1:].isdigit():
        return int(written[1:])
    return written if isinstance(written, int) else str(written)


def _truth(row: _Row, column: str, reading: _Reading) -> bool | None:
    written = str(row.cells.get(column, "")).casefold()
    if written in _TRUE:
        return True
    if written in _FALSE:
        return False
    reading.refuse(row.place, f"`{column}` is {show(row.cells.get(column))}", expected="true or false")
    return None
